/**
 * Reads TOML with places, as it is while somebody types: whatever does not parse is skipped to the end of its line.
 *
 * `scanToml` finds all values; `contextAt` says what is being typed at a place. Neither judges: the engine does.
 */

export type Path = (string | number)[];

/** A value that is neither a table nor an array, and where it stands. */
export interface Leaf {
  path: Path;
  type: 'string' | 'number' | 'boolean' | 'other';
  from: number;
  to: number;
  /** The text of the value; of a string, without its quotes. */
  text: string;
}

/** What is being typed. */
export type Context =
  | { place: 'key'; path: Path; typed: string; from: number; isInline: boolean }
  | { place: 'header'; path: Path; typed: string; from: number }
  | { place: 'value'; path: Path; typed: string; from: number; isQuoted: boolean }
  | { place: 'none' };

/** A table header, and where it begins. */
export interface Header {
  path: Path;
  from: number;
}

export interface Scan {
  leaves: Leaf[];
  headers: Header[];
  /** Every key seen, as the JSON of its path. */
  keys: Set<string>;
}

export function scanToml(text: string): Scan {
  const scanner = new Scanner(text);
  scanner.run();
  return scanner;
}

export function contextAt(text: string, position: number): Context {
  const scanner = new Scanner(text.slice(0, position));
  return scanner.run();
}

/** The text ended in the middle of something. */
class Ended {
  constructor(readonly context: Context) {}
}

/** The text is not as it should be; the rest of the line is skipped. */
class Broken {}

const BARE = /[A-Za-z0-9_-]*/y;

class Scanner implements Scan {
  leaves: Leaf[] = [];
  headers: Header[] = [];
  keys = new Set<string>();
  private at = 0;
  private table: Path = [];
  private lists = new Map<string, number>();

  constructor(private readonly text: string) {}

  run(): Context {
    try {
      for (;;) this.statement();
    } catch (stop) {
      if (stop instanceof Ended) return stop.context;
      throw stop;
    }
  }

  private statement(): void {
    const start = this.at;
    try {
      this.blank(true, { place: 'key', path: this.table, typed: '', from: this.text.length, isInline: false });
      if (this.text[this.at] === '[') this.header();
      else this.pair(this.table, false);
      this.blank(false, { place: 'none' });
    } catch (stop) {
      if (!(stop instanceof Broken)) throw stop;
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end + 1;
      if (this.at >= this.text.length) throw new Ended({ place: 'none' });
    }
    if (this.at === start) throw new Ended({ place: 'none' });
  }

  /** Skips blanks and comments; ends with `context` when the text does. */
  private blank(overLines: boolean, context: Context): void {
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) throw new Ended(context);
      if (char === '#') {
        const end = this.text.indexOf('\n', this.at);
        if (end < 0) throw new Ended({ place: 'none' });
        this.at = end;
      } else if (char === ' ' || char === '\t' || char === '\r' || (overLines && char === '\n')) this.at += 1;
      else return;
    }
  }

  private header(): void {
    const from = this.at;
    const isList = this.text[this.at + 1] === '[';
    this.at += isList ? 2 : 1;
    const path = this.dotted([], (path, typed, from) => ({ place: 'header', path, typed, from }));
    if (this.text[this.at] !== ']') throw new Broken();
    this.at += isList && this.text[this.at + 1] === ']' ? 2 : 1;
    if (isList) {
      const name = JSON.stringify(path);
      const index = this.lists.get(name) ?? 0;
      this.lists.set(name, index + 1);
      path.push(index);
    }
    this.table = path;
    this.headers.push({ path, from });
  }

  private dotted(before: Path, context: (path: Path, typed: string, from: number) => Context): Path {
    const path = [...before];
    for (;;) {
      this.blank(false, context(path, '', this.text.length));
      const from = this.at;
      path.push(this.key((typed) => context(path, typed, from)));
      this.keys.add(JSON.stringify(path));
      this.blank(false, { place: 'none' });
      if (this.text[this.at] !== '.') return path;
      this.at += 1;
    }
  }

  private key(context: (typed: string) => Context): string {
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") {
      const end = this.text.indexOf(quote, this.at + 1);
      const key = this.text.slice(this.at + 1, end < 0 ? undefined : end);
      if (end < 0) throw new Ended(context(key));
      this.at = end + 1;
      return key;
    }
    BARE.lastIndex = this.at;
    const key = BARE.exec(this.text)?.[0] ?? '';
    if (key === '') throw new Broken();
    this.at += key.length;
    if (this.at === this.text.length) throw new Ended(context(key));
    return key;
  }

  private pair(table: Path, isInline: boolean): void {
    const path = this.dotted(table, (path, typed, from) => ({ place: 'key', path, typed, from, isInline }));
    if (this.text[this.at] !== '=') throw new Broken();
    this.at += 1;
    this.value(path);
  }

  private value(path: Path): void {
    this.blank(false, { place: 'value', path, typed: '', from: this.text.length, isQuoted: false });
    const char = this.text[this.at];
    if (char === '{') this.inlineTable(path);
    else if (char === '[') this.array(path);
    else if (char === '"' || char === "'") this.string(path, char);
    else this.word(path);
  }

  private string(path: Path, quote: string): void {
    const from = this.at;
    const isLong = this.text.startsWith(quote.repeat(3), from);
    const fence = isLong ? quote.repeat(3) : quote;
    let end = from + fence.length;
    for (;;) {
      if (end >= this.text.length) {
        const typed = this.text.slice(from + fence.length);
        throw new Ended({ place: 'value', path, typed, from: from + fence.length, isQuoted: true });
      }
      if (this.text.startsWith(fence, end)) break;
      if (!isLong && this.text[end] === '\n') {
        this.at = end;
        throw new Broken();
      }
      end += quote === '"' && this.text[end] === '\\' ? 2 : 1;
    }
    this.at = end + fence.length;
    this.leaves.push({ path, type: 'string', from, to: this.at, text: this.text.slice(from + fence.length, end) });
  }

  private word(path: Path): void {
    const from = this.at;
    const word = /[^\s,\]}#]*/y;
    word.lastIndex = from;
    const text = word.exec(this.text)?.[0] ?? '';
    this.at += text.length;
    if (this.at === this.text.length) throw new Ended({ place: 'value', path, typed: text, from, isQuoted: false });
    if (text === '') throw new Broken();
    const isNumber = /^[+-]?\d[\d_]*(\.[\d_]+)?([eE][+-]?\d+)?$/.test(text);
    const type = isNumber ? 'number' : text === 'true' || text === 'false' ? 'boolean' : 'other';
    this.leaves.push({ path, type, from, to: this.at, text });
  }

  private array(path: Path): void {
    this.at += 1;
    for (let index = 0; ; index++) {
      const item = [...path, index];
      this.blank(true, { place: 'value', path: item, typed: '', from: this.text.length, isQuoted: false });
      if (this.text[this.at] === ']') break;
      this.value(item);
      this.blank(true, { place: 'none' });
      if (this.text[this.at] === ']') break;
      if (this.text[this.at] !== ',') throw new Broken();
      this.at += 1;
    }
    this.at += 1;
  }

  private inlineTable(path: Path): void {
    this.at += 1;
    for (;;) {
      this.blank(true, { place: 'key', path, typed: '', from: this.text.length, isInline: true });
      if (this.text[this.at] === '}') break;
      this.pair(path, true);
      this.blank(true, { place: 'none' });
      if (this.text[this.at] === '}') break;
      if (this.text[this.at] !== ',') throw new Broken();
      this.at += 1;
    }
    this.at += 1;
  }
}
