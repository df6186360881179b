/**
 * The token for a server that asks for one: in this page's memory, or in its tab's storage where the user says so.
 *
 * It goes to the server in a header, or as a WebSocket's protocol; never into an address.
 */
const KEY = 'pluriverse.token';

/** Why a token is asked for. */
export interface Question {
  /** What was wrong with the last one; `null` when there was none. */
  problem: string | null;
}

export type TokenAnswer = 'given' | 'dismissed';

let current = read();
/** Whether the server has refused somebody without one. */
let isNeeded = false;
let question: Question | null = null;
let waiting: ((answer: TokenAnswer) => void)[] = [];
const listeners = new Set<() => void>();

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    // A forbidden storage only means that nothing is remembered.
    return null;
  }
}

function changed(): void {
  for (const listener of listeners) listener();
}

/** When one may try again, in words. */
function later(seconds: number): string {
  return Number.isFinite(seconds) && seconds > 0 ? `Try again in ${Math.ceil(seconds)} seconds.` : 'Try again in a minute.';
}

/** What a refusal of a token means; `null` when the answer has nothing to do with tokens. */
export async function refusedToken(response: Response): Promise<string | null> {
  if (response.status !== 401 && response.status !== 429) return null;
  const { error } = (await response.clone().json().catch(() => ({}))) as { error?: { code?: string } };
  switch (error?.code) {
    case 'too_many_wrong_tokens':
      return `Too many wrong tokens came from this address. ${later(Number(response.headers.get('retry-after')))}`;
    case 'wrong_token':
      return 'This token opens nothing here: it is misspelt, or was revoked.';
    default:
      return response.status === 401 ? '' : null;
  }
}

export const token = {
  get: (): string | null => current,

  /** Whether the server wants one, and this page has none. */
  isMissing: (): boolean => isNeeded && current === null,

  question: (): Question | null => question,

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  /** Asks the user for a token; everybody who needs one waits for the same answer. */
  ask(problem: string | null): Promise<TokenAnswer> {
    question = { problem };
    changed();
    return new Promise((resolve) => waiting.push(resolve));
  },

  /** Takes the token that the server has accepted. */
  give(text: string, keeping: 'page' | 'tab'): void {
    current = text;
    try {
      if (keeping === 'tab') sessionStorage.setItem(KEY, text);
      else sessionStorage.removeItem(KEY);
    } catch {
      // It then lasts as long as the page.
    }
    token.close('given');
  },

  /** Takes note that the server has refused `text`, or no token at all: it is asked no more with that. */
  refuse(text: string | null): void {
    isNeeded = true;
    if (current !== null && current === text) {
      current = null;
      try {
        sessionStorage.removeItem(KEY);
      } catch {
        // Nothing was kept.
      }
    }
    changed();
  },

  close(answer: TokenAnswer): void {
    question = null;
    const told = waiting;
    waiting = [];
    changed();
    for (const tell of told) tell(answer);
  },
};

/** The header that carries a token. */
export function bearing(text: string | null): Record<string, string> {
  return text === null ? {} : { authorization: `Bearer ${text}` };
}
