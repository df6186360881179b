/**
 * Cases on their way: which edge a row of the ledger is about, and the dots that move along it.
 *
 * A case that arrives, ends, gives up or turns away takes an edge to where it enters or leaves next; both rows belong
 * to one event, so they are neighbours in the feed. At high speed only a sample of the cases becomes dots, and how
 * many there are shows in the width of the edge.
 */
import type { Description, Feed } from '../world/documents';

/** Most dots at once. */
const MOST = 280;
/** Most dots that one feed begins. */
const MOST_A_FEED = 24;
/** Pixels of way for each dot on it, at most one. */
const ROOM = 15;
/** Pixels a millisecond. */
const PACE = 0.32;

/** What a kind of row says about a case's way. */
type Role = { does: 'starts'; label: string } | { does: 'arrives' } | { does: 'leaves' };

const ROLES: Record<string, Role> = {
  arrive: { does: 'starts', label: '' },
  end: { does: 'starts', label: 'served' },
  abandon: { does: 'starts', label: 'gives up' },
  balk: { does: 'starts', label: 'turned away' },
  enter: { does: 'arrives' },
  leave: { does: 'leaves' },
};

/** Finds the edges that the cases of a feed have taken. */
export class Ways {
  private readonly roles: (Role | undefined)[];
  private readonly stations = new Map<number, number>();
  private readonly sources = new Map<number, number>();
  private readonly edges = new Map<string, number>();
  private readonly exit: number;
  private readonly begun = new Map<number, string>();

  constructor({ dictionary, diagram }: Description) {
    this.roles = dictionary.kinds.map((kind) => ROLES[kind.name]);
    const nodes = diagram?.nodes ?? [];
    nodes.forEach(({ noun, number }, node) => {
      if (noun === 'station') this.stations.set(number, node);
      if (noun === 'source') this.sources.set(number, node);
    });
    this.exit = nodes.findIndex(({ noun }) => noun === 'exit');
    diagram?.edges.forEach(({ from, to, label }, index) => {
      const key = `${from} ${label} ${to}`;
      if (!this.edges.has(key)) this.edges.set(key, index);
    });
  }

  /** How many cases have taken each edge, into `counts`; what the feed leaves out is made up for in proportion. */
  count(feed: Feed, counts: Float64Array): void {
    counts.fill(0);
    for (const { kind, subject, object } of feed.events) {
      const role = this.roles[kind];
      if (!role || subject === null) continue;
      if (role.does === 'starts') {
        const node = (role.label === '' ? this.sources : this.stations).get(object ?? -1);
        if (node !== undefined) this.begun.set(subject, `${node} ${role.label}`);
        continue;
      }
      const begun = this.begun.get(subject);
      if (begun === undefined) continue;
      this.begun.delete(subject);
      const to = role.does === 'leaves' ? this.exit : this.stations.get(object ?? -1);
      const edge = this.edges.get(`${begun} ${to}`);
      if (edge !== undefined) counts[edge] = (counts[edge] ?? 0) + 1;
    }
    // Cases that are held back between two feeds may go on later; nobody waits for those that were dropped.
    if (this.begun.size > 512) this.begun.clear();
    const shown = feed.events.length;
    if (shown > 0 && feed.dropped > 0) {
      const factor = (shown + feed.dropped) / shown;
      for (let edge = 0; edge < counts.length; edge++) counts[edge] = (counts[edge] ?? 0) * factor;
    }
  }
}

/** The dots, in columns. */
export class Tokens {
  readonly edge = new Uint16Array(MOST);
  private readonly begin = new Float64Array(MOST);
  private readonly span = new Float32Array(MOST);
  private readonly alive: Uint16Array;
  count = 0;

  constructor(edges: number) {
    this.alive = new Uint16Array(edges);
  }

  /** Begins dots for so many cases on each edge, spread over the time until the next feed. */
  spawn(counts: Float64Array, lengths: ArrayLike<number>, now: number, interval: number): void {
    let total = 0;
    for (const count of counts) total += count;
    if (total === 0) return;
    const budget = Math.min(MOST_A_FEED, MOST - this.count);
    const share = Math.min(1, budget / total);
    counts.forEach((count, edge) => {
      const wanted = count * share;
      const room = Math.max(2, (lengths[edge] ?? 0) / ROOM) - (this.alive[edge] ?? 0);
      const dots = Math.min(room, Math.floor(wanted) + (Math.random() < wanted % 1 ? 1 : 0));
      for (let dot = 0; dot + 1 <= dots && this.count < MOST; dot++) {
        const at = this.count++;
        this.alive[edge] = (this.alive[edge] ?? 0) + 1;
        this.edge[at] = edge;
        this.begin[at] = now + (count > 1 ? Math.random() * interval : 0);
        this.span[at] = Math.min(1400, Math.max(320, (lengths[edge] ?? 0) / PACE));
      }
    });
  }

  /** Calls `draw` with edge and progress (0 to 1) of each dot, and drops those that have come to their end. */
  advance(now: number, draw: (edge: number, progress: number) => void): void {
    for (let at = 0; at < this.count; ) {
      const progress = (now - (this.begin[at] ?? 0)) / (this.span[at] ?? 1);
      if (progress >= 1) {
        const last = --this.count;
        const ended = this.edge[at] ?? 0;
        this.alive[ended] = (this.alive[ended] ?? 1) - 1;
        this.edge[at] = this.edge[last] ?? 0;
        this.begin[at] = this.begin[last] ?? 0;
        this.span[at] = this.span[last] ?? 1;
        continue;
      }
      if (progress >= 0) draw(this.edge[at] ?? 0, progress);
      at += 1;
    }
  }
}
