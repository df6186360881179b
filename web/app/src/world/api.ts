/**
 * Requests to the server's `api/v1`, which lies beside the page, below whatever prefix both are found; what it refuses
 * becomes an error with its words.
 */
import type { Finding } from './documents';
import { bearing, refusedToken, token } from './token';

function addressOf(path: string): string {
  return new URL(`api/v1${path}`, document.baseURI).href;
}

/** A refusal of the server, or no answer at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly findings: Finding[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface Refusal {
  error?: { message?: string; help?: string; findings?: Finding[] };
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Refusal;
  const { message, help, findings = [] } = body.error ?? {};
  const text = [message ?? `the server answers ${response.status}`, help, ...findings.map((finding) => finding.message)];
  return new ApiError(text.filter(Boolean).join(': '), response.status, findings);
}

async function reach(path: string, init: RequestInit, bearer: string | null): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(addressOf(path), { ...init, headers: { ...(init.headers as Record<string, string> | undefined), ...bearing(bearer) } });
  } catch {
    throw new ApiError('the server does not answer', 0);
  }
  if (response.status === 401) token.refuse(bearer);
  return response;
}

/** Asks the server; where it wants a token the user is asked for one, and then the server again. */
async function send(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const bearer = token.get();
    const response = await reach(path, init, bearer);
    if (response.ok) return response;
    const problem = await refusedToken(response);
    if (problem === null) throw await refusal(response);
    // Another request may have led to a new token meanwhile.
    if (token.get() !== null && token.get() !== bearer) continue;
    if ((await token.ask(problem === '' ? null : problem)) === 'dismissed') throw new ApiError('this server asks for a token, and none was given', 401);
  }
}

/** Asks for a document. */
export async function get<T>(path: string): Promise<T> {
  return (await (await send(path)).json()) as T;
}

/** Asks for a document without bothering the user for a token. */
export async function getQuietly<T>(path: string): Promise<T> {
  const response = await reach(path, {}, token.get());
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

/** What the server says to a token; `null` when it takes it. */
export async function tryToken(text: string): Promise<string | null> {
  const response = await reach('/kinds', {}, text);
  if (response.ok) return null;
  return (await refusedToken(response)) || (await refusal(response)).message;
}

/** Asks for bytes. */
export async function getBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await send(path)).arrayBuffer());
}

/** Sends a document. */
export async function post<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? { method: 'POST' } : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await send(path, init)).json()) as T;
}

/** Sends bytes. */
export async function postBytes<T>(path: string, bytes: Uint8Array, type: string): Promise<T> {
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
  return (await (await send(path, { method: 'POST', headers: { 'content-type': type }, body })).json()) as T;
}

export async function remove(path: string): Promise<void> {
  await send(path, { method: 'DELETE' });
}

/** Opens a WebSocket. Browsers set no header for one: the token goes as a protocol beside the one that is agreed on. */
export function openSocket(path: string): WebSocket {
  const address = addressOf(path).replace(/^http/, 'ws');
  const bearer = token.get();
  return new WebSocket(address, bearer === null ? ['pluriverse'] : ['pluriverse', `bearer.${bearer}`]);
}
