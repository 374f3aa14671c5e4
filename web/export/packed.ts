/** Ids of a chunk's first and last line. */
export interface ChunkPlace {
  readonly from: number;
  readonly to: number;
}

/** The elements of an exported file that hold data: each is gzip, as base64, in a script of a type that never runs. */
export interface DataElements {
  manifest: Element;
  chunks: ReadonlyMap<ChunkPlace, Element>;
  outline: Element | undefined;
}

/** @throws Error where there is no log in the document */
export function dataElements(root: ParentNode): DataElements {
  const manifest = root.querySelector('script[data-log]');
  if (!manifest) throw new Error('This file holds no log.');
  const chunks = new Map<ChunkPlace, Element>();
  for (const element of root.querySelectorAll<HTMLElement>('script[data-lines]')) {
    const [from = 0, to = 0] = (element.dataset.lines ?? '').split('-').map(Number);
    chunks.set({ from, to }, element);
  }
  return { manifest, chunks, outline: root.querySelector('script[data-outline]') ?? undefined };
}

export async function unpacked({ textContent }: Element): Promise<string> {
  const packed = new Blob([bytesOf(textContent ?? '')]).stream();
  return new Response(packed.pipeThrough(new DecompressionStream('gzip'))).text();
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
