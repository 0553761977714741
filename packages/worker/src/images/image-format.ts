/** Formats that are decoded. */
export type ImageFormat = 'JPEG' | 'PNG' | 'WebP';

/** What the first bytes of a file say that it is; undefined for what is not known here. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (begins(bytes, 0, [0xff, 0xd8, 0xff])) return 'JPEG';
  if (begins(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'PNG';
  if (begins(bytes, 0, ascii('RIFF')) && begins(bytes, 8, ascii('WEBP'))) return 'WebP';
  return undefined;
}

/** What else a file may be, for a message; undefined where even that is not known. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  if (begins(bytes, 0, ascii('GIF8'))) return 'GIF';
  if (begins(bytes, 0, ascii('BM'))) return 'BMP';
  if (begins(bytes, 0, ascii('II*\0')) || begins(bytes, 0, ascii('MM\0*'))) return 'TIFF';
  if (begins(bytes, 4, ascii('ftyp'))) {
    return begins(bytes, 8, ascii('avi')) ? 'AVIF' : 'HEIF, or a film';
  }
  if (begins(bytes, 0, ascii('%PDF'))) return 'PDF';
  const text = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().toLowerCase();
  if (text.startsWith('<svg') || (text.startsWith('<?xml') && text.includes('<svg'))) return 'SVG';
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'HTML';
  return undefined;
}

function begins(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, index) => bytes[at + index] === byte);
}

const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];
