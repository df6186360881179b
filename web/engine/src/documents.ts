/**
 * How scenarios, worlds and results look: the same documents that the server sends and the command line prints.
 *
 * Times are in seconds, what is unknown is `null`, names stand where a list would have to be counted.
 */

/** A scenario: the text of its file and the files that it refers to. */
export interface ScenarioText {
  /** Its file's name; one that ends in `.json` is read as JSON, all else as TOML. */
  name: string;
  /** The file's text. */
  text: string;
  /** Files that the scenario refers to, by the path that it gives. */
  files?: Record<string, Uint8Array>;
}

/** Values set over those of a scenario, by dotted key: `{ "stations.desk.agents": 5 }`. Texts are TOML values. */
export type Overrides = Record<string, string | number | boolean>;

/** Which run of a scenario. */
export interface RunOptions {
  /** The run's seed, 0 to 2⁶⁴ − 1; by default what the scenario says. */
  seed?: number | bigint;
  /** Values set over those of the scenario. */
  overrides?: Overrides;
}

/** Which world of a scenario, and what it keeps. */
export interface WorldOptions extends RunOptions {
  /** Which replication, from 0. */
  replication?: number | bigint;
  /**
   * Whether every row stays in memory (34 bytes each), so that causes can be followed back to the first. A ledger can
   * be had either way: rows that were let go are made again.
   */
  keepLedger?: boolean;
}

/** A kind of world. */
export interface Kind {
  name: string;
  /** One sentence about it. */
  summary: string;
}

/** A finding about a scenario's text. */
export interface Finding {
  severity: "error" | "warning";
  /** What is wrong, with the value. */
  message: string;
  /** What was expected; may be empty. */
  expected: string;
  /** What to do; may be empty. */
  help: string;
  /** Where it begins and ends in the text; `null` when it is about the whole. */
  place: Place | null;
}

/** A place in a text. */
export interface Place {
  /** First line, from 1. */
  line: number;
  /** First column, from 1, in characters. */
  column: number;
  /** First byte of the text in UTF-8. */
  start: number;
  /** Byte after the last. */
  end: number;
}

/** What the numbers of a ledger mean. */
export interface Dictionary {
  /** What can happen; a row's `kind` is an index here. */
  kinds: EventKind[];
  /** The sorts of things that subjects and objects are. */
  nouns: Noun[];
}

/** One kind of event. */
export interface EventKind {
  /** Its name, a verb: `arrive`. */
  name: string;
  /** What its subjects are: an index into the nouns. */
  subject: number | null;
  /** What its objects are. */
  object: number | null;
  /** What its value means, with the unit: `wait [s]`; empty when unused. */
  value: string;
}

/** A sort of thing. */
export interface Noun {
  /** Its name: `station`. */
  name: string;
  /** Names of ranges of its numbers, ascending; a number in none is called by noun and number. */
  labels: { first: number; count: number; name: string }[];
}

/** How the parts of a world hang together. */
export interface Diagram {
  nodes: {
    /** What it is: the name of a noun of the dictionary, or `exit`. */
    noun: string;
    /** Its number among those. */
    number: number;
    name: string;
  }[];
  edges: {
    /** Index of the node where it begins. */
    from: number;
    /** Index of the node where it ends. */
    to: number;
    /** The share of those who leave by it, where it is known. */
    share: number | null;
    /** What takes it: `served`, `gives up`, `turned away`. */
    label: string;
  }[];
}

/** What stays the same while a world runs. */
export interface Description {
  kind: string;
  name: string;
  /** One line for people; may be empty. */
  title: string;
  /** Beyond 2⁵³ the nearest number that JavaScript has. */
  seed: number;
  replication: number;
  /** Where the run ends, where that is known. */
  until_seconds: number | null;
  dictionary: Dictionary;
  /** What can be drawn. */
  diagram: Diagram | null;
}

/** Where a world is in its life. */
export type Phase = "new" | "ready" | "paused" | "finished" | "failed";

/** What a call that moves a world ended with: its limit, a paused world, or nothing left to happen. */
export type Progress = "more" | "paused" | "finished";

/** A world at an instant. */
export interface Frame {
  now_seconds: number;
  /** When the next event is due. */
  next_seconds: number | null;
  phase: Phase;
  /** Events handled so far. */
  events: number;
  /** Rows recorded so far. */
  rows: number;
  /** The state. */
  tables: Table[];
}

/** A table, its columns by position and of equal length. */
export interface Table {
  name: string;
  columns: { name: string; values: number[] | string[] }[];
}

/** A row of the ledger. */
export interface EventRow {
  /** Its number. */
  row: number;
  time_seconds: number;
  /** What happened: an index into the dictionary's kinds. */
  kind: number;
  /** To whom. */
  subject: number | null;
  /** With, at or by what. */
  object: number | null;
  /** How much; `null` for what is no number. */
  value: number | null;
  /** Number of the row that led to it. */
  cause: number | null;
}

/** What has happened since a feed was read last. */
export interface Feed {
  /** The latest rows, in order. */
  events: EventRow[];
  /** Rows before them that are left out. */
  dropped: number;
}

/** One figure over all runs. */
export interface Metric {
  mean: number | null;
  /** Half the width of the 95 % confidence interval; takes two runs. */
  half_width_95: number | null;
  /** Runs in which it was observed. */
  n: number;
  min: number | null;
  max: number | null;
  unit: Unit;
}

/** What a figure is measured in. */
export type Unit = "count" | "seconds" | "share" | "per_hour" | "money" | "number";

/** One figure for each period of the run. */
export interface Series {
  /** The chart that it belongs in: `Queue length`. */
  chart: string;
  /** Its name there: `desk`. */
  name: string;
  unit: Unit;
  /** Length of a period; the first begins at 0. */
  period_seconds: number;
  /** The estimate of each period; `null` where nothing was observed. */
  mean: (number | null)[];
  /** Half the width of the 95 % interval of each; `null` where there is none, as for a single run. */
  half_width_95: (number | null)[];
}

/** How observed durations are distributed, all runs together. */
export interface Distribution {
  /** Its name: `desk.wait`. */
  name: string;
  unit: Unit;
  /** How many were observed. */
  count: number;
  /** Values that a share of the observations does not exceed; the least is at 0, the greatest at 1. */
  quantiles: { share: number; value: number }[];
  /** How many lie from one value to another, both included, ascending; a bin is at most 1/16 of its least value wide. */
  bins: { from: number; to: number; count: number }[];
}

/** What runs came to. */
export interface Results {
  scenario: string;
  kind: string;
  seed: number;
  replications: number;
  /** Events handled in all of them. */
  events: number;
  /** Simulated seconds of all of them. */
  sim_seconds: number;
  /** The ledger's hash, or one over all ledgers'. */
  ledger_hash: string | null;
  /** Whether all that was planned is part of it. */
  complete: boolean;
  /** The figures by name. */
  metrics: Record<string, Metric>;
  /** The figures by period. */
  series: Series[];
  /** The distributions of what was observed. */
  distributions: Distribution[];
}
