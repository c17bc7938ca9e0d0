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

/** `2026-01-31T12:00:00.000Z` to the second, for people. */
export function instant(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
