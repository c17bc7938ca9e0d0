/** What screens are laid out for, in characters. */
export const WIDTH = 100;

/** Columns as wide as their widest cell, two spaces apart; those named in `right` are aligned to the right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = header.map((name, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length), name.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        right.includes(header[column]!) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}

/** At most two decimals: `37 %`, `0.25 %`. */
export function percent(value: number): string {
  return `${Number(value.toFixed(2))} %`;
}

/** `20 s`, `45 min`, `3.5 h`, `4.2 d`. */
export function duration(minutes: number): string {
  if (minutes < 1) return `${Math.round(60 * minutes)} s`;
  if (minutes < 120) return `${Number(minutes.toFixed(1))} min`;
  return minutes < 48 * 60 ? `${Number((minutes / 60).toFixed(1))} h` : `${Number((minutes / 60 / 24).toFixed(1))} d`;
}

/** Broken between words, so that no line is longer than `WIDTH` unless a word is. @param indent of every line */
export function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}

/** @param width at least 3 */
export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}

/** `2026-01-31T12:00:00.000Z` to the second, for people. */
export function instant(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
