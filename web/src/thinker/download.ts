/** A file with its progress. Plain bytes on purpose: hosts that call WebAssembly something else serve it all the same. */
import { UserError } from '#engine';

/** Throws UserError('environment') in words for a person. `report` is told bytes so far and, where known, in all (else 0). */
export async function download(url: string, report: (loaded: number, total: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const name = new URL(url).pathname.split('/').at(-1);
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new UserError('environment', `${name} cannot be fetched: is there a connection?`);
  }
  if (!response.ok || response.body === null) throw new UserError('environment', `${name} cannot be fetched: the host answers ${response.status} ${response.statusText}`.trimEnd());
  // What is sent compressed is longer than it says: then nobody knows the total.
  const total = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    loaded += value.length;
    report(loaded, total);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
