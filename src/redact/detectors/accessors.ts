/** Between a property of C# and what it is set to. @source https://learn.microsoft.com/dotnet/csharp/programming-guide/classes-and-structs/auto-implemented-properties */
const ACCESSORS = ['get; set; } =', 'get; init; } =', 'get; } =', 'get; private set; } =', 'get; internal set; } ='];

/** Behind the equals sign that ends the accessors at `at`; -1 where there are none, the text's length where more must come. */
export function accessorsEnd(text: string, at: number): number {
  for (const accessors of ACCESSORS) {
    if (text.startsWith(accessors, at)) return at + accessors.length;
    if (text.length - at < accessors.length && accessors.startsWith(text.slice(at))) return text.length;
  }
  return -1;
}
