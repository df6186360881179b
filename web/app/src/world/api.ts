/** Requests to the server's `/api/v1`; what it refuses becomes an error with its words. */
import type { Finding } from './documents';

const ROOT = '/api/v1';

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

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(ROOT + path, init);
  } catch {
    throw new ApiError('the server does not answer', 0);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Asks for a document. */
export async function get<T>(path: string): Promise<T> {
  return (await (await send(path)).json()) as T;
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

export async function remove(path: string, keepalive = false): Promise<void> {
  await send(path, { method: 'DELETE', keepalive });
}

/** Address of a WebSocket. */
export function socketAddress(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${ROOT}${path}`;
}
