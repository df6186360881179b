/** The worlds on the server that this tab has made, remembered over a reload. */
const KEY = 'pluriverse.made';

function read(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as string[];
  } catch {
    return [];
  }
}

let ids = read();

function keep(changed: string[]): void {
  ids = changed;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // After a reload this tab then takes its world for another's, and leaves it running.
  }
}

export const made = {
  has: (id: string): boolean => ids.includes(id),
  add: (id: string): void => keep([...ids, id]),
  forget: (id: string): void => keep(ids.filter((other) => other !== id)),
};
