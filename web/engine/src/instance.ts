/**
 * One instance of the WebAssembly module: its calls, and how words get in and out.
 *
 * Words go into a buffer of the module before a call, and the answer is read from there after it. A trap (a panic, or
 * memory running out) ends the instance: every later call is refused with what it said.
 */

import { EngineError, type ErrorCode } from "./error.js";
import type { Finding } from "./documents.js";

type Call = (...args: number[]) => number;

/** What the module exports; see `crates/wasm/src/exports.rs`. */
interface Exports {
  memory: WebAssembly.Memory;
  buffer: (bytes: number) => number;
  answer_place: () => number;
  [call: string]: Call | WebAssembly.Memory;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Instance {
  #exports: Exports | undefined;
  #end: EngineError;

  /** `subject` is what lives in it, as errors call it. */
  constructor(
    module: WebAssembly.Module,
    readonly subject: string,
  ) {
    this.#end = new EngineError("freed", `${subject} has been freed`);
    this.#exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  }

  /** Lets go of the module's memory; later calls are refused. */
  free(): void {
    this.#exports = undefined;
  }

  /** Calls with words and numbers; the answer is a copy. */
  bytes(call: string, words: Uint8Array | string | undefined, ...numbers: number[]): Uint8Array {
    return this.#call(call, words, numbers, (answer) => answer.slice());
  }

  /** The same for an answer that is a text. */
  text(call: string, words?: Uint8Array | string, ...numbers: number[]): string {
    return this.#call(call, words, numbers, (answer) => decoder.decode(answer));
  }

  /** The same for an answer that is a document. */
  document<T>(call: string, words?: Uint8Array | string, ...numbers: number[]): T {
    return JSON.parse(this.text(call, words, ...numbers)) as T;
  }

  #call<T>(
    call: string,
    words: Uint8Array | string | undefined,
    numbers: number[],
    read: (answer: Uint8Array) => T,
  ): T {
    const exports = this.#exports;
    if (exports === undefined) throw this.#end;
    let length: number;
    try {
      if (words !== undefined) write(exports, words);
      length = (exports[call] as Call)(...numbers);
    } catch (trap) {
      throw this.#died(exports, trap);
    }
    const answer = new Uint8Array(exports.memory.buffer, exports.answer_place(), Math.abs(length));
    if (length >= 0) return read(answer);
    const fault = JSON.parse(decoder.decode(answer)) as {
      code: ErrorCode;
      message: string;
      findings?: Finding[];
    };
    throw new EngineError(fault.code, fault.message, fault.findings);
  }

  #died(exports: Exports, trap: unknown): EngineError {
    const message = `a defect in the program ended ${this.subject}: ${lastWords(exports) || String(trap)}`;
    this.#exports = undefined;
    this.#end = new EngineError("defect", message, [], { cause: trap });
    return this.#end;
  }
}

function write(exports: Exports, words: Uint8Array | string): void {
  const bytes = typeof words === "string" ? encoder.encode(words) : words;
  const place = exports.buffer(bytes.length);
  new Uint8Array(exports.memory.buffer, place, bytes.length).set(bytes);
}

function lastWords(exports: Exports): string {
  try {
    const length = (exports["last_words"] as Call)();
    return decoder.decode(new Uint8Array(exports.memory.buffer, exports.answer_place(), length));
  } catch {
    // The memory is in such a state that not even this works: the trap itself has to do.
    return "";
  }
}
