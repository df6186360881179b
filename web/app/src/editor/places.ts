/** Places in a text: the engine counts bytes of UTF-8, editors count units of UTF-16. */
import type { Finding } from '../world/documents';

/** The index in `text` of a byte of its UTF-8. */
export function indexOfByte(text: string, byte: number): number {
  let bytes = 0;
  let index = 0;
  while (index < text.length && bytes < byte) {
    const code = text.codePointAt(index) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += code < 0x10000 ? 1 : 2;
  }
  return index;
}

/** Where a finding is shown: its place, never empty; the first line when it is about the whole. */
export function rangeOf(text: string, finding: Finding): { from: number; to: number } {
  if (finding.place === null) {
    const end = text.indexOf('\n');
    return { from: 0, to: end < 0 ? text.length : end };
  }
  const from = indexOfByte(text, finding.place.start);
  const to = indexOfByte(text, finding.place.end);
  return { from: Math.min(from, Math.max(0, text.length - 1)), to: Math.max(to, Math.min(from + 1, text.length)) };
}
