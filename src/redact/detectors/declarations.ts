import type { Chars } from '../../core/units.ts';
import { CharSet } from '../char-set.ts';

/** Between a property of C# and what it is set to. @source https://learn.microsoft.com/dotnet/csharp/programming-guide/classes-and-structs/auto-implemented-properties */
const ACCESSORS = ['get; set; } =', 'get; init; } =', 'get; } =', 'get; private set; } =', 'get; internal set; } ='];
/** Of property lists. @source https://developer.apple.com/library/archive/documentation/Cocoa/Conceptual/PropertyLists/UnderstandXMLPlist/UnderstandXMLPlist.html */
const KEY_END = '</key>';
const STRING_START = '<string>';
const WHITE = new CharSet(' \t\r\n');
const LONGEST_WHITE: Chars = 40;

/** Behind the equals sign that ends the accessors at `at`; -1 where there are none, the text's length where more must come. */
export function accessorsEnd(text: string, at: number): number {
  for (const accessors of ACCESSORS) {
    const end = literalEnd(text, at, accessors);
    if (end >= 0) return end;
  }
  return -1;
}

/** Behind `</key>` and `<string>`; as `accessorsEnd`. */
export function stringStart(text: string, at: number): number {
  const closed = literalEnd(text, at, KEY_END);
  return closed < 0 ? closed : literalEnd(text, WHITE.runEnd(text, closed, closed + LONGEST_WHITE), STRING_START);
}

function literalEnd(text: string, at: number, literal: string): number {
  if (text.startsWith(literal, at)) return at + literal.length;
  return text.length - at < literal.length && literal.startsWith(text.slice(at)) ? text.length : -1;
}
