/** A test for names with `*` wildcards, compiled once. Linear: the pattern is cut at its stars and searched in order. */
export function compileGlob(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  const parts = pattern.split('*');
  const head = parts[0]!;
  const tail = parts.at(-1)!;
  const middle = parts.slice(1, -1);
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    const limit = name.length - tail.length;
    let at = head.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > limit) return false;
      at = found + part.length;
    }
    return true;
  };
}
