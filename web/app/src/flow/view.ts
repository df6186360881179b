/** The picture of a world's flow on a canvas: fits it to its room, turns frames into what nodes show, feeds into dots. */
import type { Live } from '../world/live';
import { numbers, texts } from '../world/table';
import { layoutFlow, trace, type Direction, type Layout, type Measures } from './layout';
import { paintFlow, pathOf, type NodeState, type Scene } from './paint';
import { readColors } from './theme';
import { Tokens, Ways } from './tokens';

const PADDING = 16;
const LEAST_SCALE = 0.62;
/** Longer names of sources are cut. */
const MOST_PILL = 150;

const WIDE: Omit<Measures, 'direction'> = {
  queueWidth: 100, cardWidth: 150, cardHeight: 82, pillWidth: 92, pillHeight: 42, layerGap: 52, nodeGap: 26,
};
const TIGHT: Omit<Measures, 'direction'> = {
  queueWidth: 64, cardWidth: 138, cardHeight: 82, pillWidth: 80, pillHeight: 42, layerGap: 38, nodeGap: 18,
};

const SNUG: Omit<Measures, 'direction'> = {
  queueWidth: 42, cardWidth: 118, cardHeight: 82, pillWidth: 66, pillHeight: 42, layerGap: 28, nodeGap: 16,
};

interface Fit {
  layout: Layout;
  measures: Measures;
  scale: number;
  height: number;
}

/** The layout that shows most in so many pixels of width. */
export function fitFlow(live: Pick<Live, 'description'>, width: number): Fit {
  const diagram = live.description.diagram ?? { nodes: [], edges: [] };
  const longest = Math.max(0, ...diagram.nodes.filter(({ noun }) => noun !== 'station').map(({ name }) => name.length));
  const pillWidth = Math.min(MOST_PILL, longest * 7.4 + 22);
  const tries: [Direction, Omit<Measures, 'direction'>][] = width < 560 ? [['right', SNUG], ['down', WIDE], ['down', TIGHT], ['down', SNUG]] : [['right', WIDE], ['right', TIGHT], ['right', SNUG], ['down', TIGHT]];
  const fits = tries.map(([direction, measures]) => {
    const full = { ...measures, direction, pillWidth: Math.max(measures.pillWidth, pillWidth) };
    const layout = layoutFlow(diagram, full);
    const scale = Math.min(1.15, (width - 2 * PADDING) / layout.width);
    return { layout, measures: full, scale, height: layout.height * scale + 2 * PADDING };
  });
  const good = fits.find(({ scale }) => scale >= 0.8) ?? fits.reduce((best, fit) => (fit.scale > best.scale ? fit : best));
  return { ...good, scale: Math.max(LEAST_SCALE, good.scale) };
}

export class FlowView {
  private scene: Scene | null = null;
  private readonly ways: Ways;
  private readonly tokens: Tokens;
  private readonly counts: Float64Array;
  private readonly rates: Float64Array;
  private readonly most: number[];
  private lengths: number[] = [];
  private painted = -1;
  private isStale = true;
  private readonly canvas: CanvasRenderingContext2D;
  private readonly stopFeed: () => void;
  private states: NodeState[] = [];
  /** Whether nothing should move that need not. */
  isCalm = false;

  constructor(
    private readonly element: HTMLCanvasElement,
    private readonly live: Live,
  ) {
    const canvas = element.getContext('2d');
    if (!canvas) throw new Error('this browser has no canvas');
    this.canvas = canvas;
    this.ways = new Ways(live.description);
    const edges = live.description.diagram?.edges.length ?? 0;
    this.tokens = new Tokens(edges);
    this.counts = new Float64Array(edges);
    this.rates = new Float64Array(edges);
    this.most = (live.description.diagram?.nodes ?? []).map(() => 1);
    this.stopFeed = live.onFeed((feed, interval) => {
      this.ways.count(feed, this.counts);
      const weight = 1 - Math.exp(-interval / 400);
      this.counts.forEach((count, edge) => {
        const rate = interval > 0 ? (count * 1000) / interval : 0;
        this.rates[edge] = (this.rates[edge] ?? 0) + (rate - (this.rates[edge] ?? 0)) * weight;
      });
      if (!this.isCalm && live.playing) this.tokens.spawn(this.counts, this.lengths, performance.now(), interval);
    });
  }

  close(): void {
    this.stopFeed();
  }

  /** Fits the picture to its room; returns the height that it takes. */
  resize(width: number, least: number): number {
    const diagram = this.live.description.diagram ?? { nodes: [], edges: [] };
    const { layout, measures, scale, height } = fitFlow(this.live, width);
    const full = Math.max(least, Math.ceil(height));
    const ratio = Math.min(2, devicePixelRatio || 1);
    const room = Math.max(width, layout.width * scale + 2 * PADDING);
    this.element.style.width = `${room}px`;
    this.element.style.height = `${full}px`;
    this.element.width = Math.round(room * ratio);
    this.element.height = Math.round(full * ratio);
    const traces = layout.routes.map((route) => trace(route));
    this.lengths = traces.map(({ length }) => length * scale);
    this.scene = {
      diagram,
      layout,
      paths: layout.routes.map(({ points }) => pathOf(points)),
      traces,
      colors: readColors(),
      scale,
      offset: { x: (room - layout.width * scale) / 2, y: (full - layout.height * scale) / 2 },
      queueWidth: measures.queueWidth,
    };
    this.isStale = true;
    return full;
  }

  recolor(): void {
    if (this.scene) this.scene.colors = readColors();
    this.isStale = true;
  }

  paint(now: number): void {
    const { version } = this.live;
    const isMoving = this.tokens.count > 0 || this.rates.some((rate) => rate > 0.01);
    if (!this.scene || (!this.isStale && version === this.painted && !isMoving)) return;
    if (version !== this.painted || this.isStale) this.states = this.readStates();
    if (!this.live.playing) this.rates.forEach((rate, edge) => (this.rates[edge] = rate < 0.05 ? 0 : rate * 0.92));
    this.painted = version;
    this.isStale = false;
    paintFlow(this.canvas, this.scene, this.states, this.rates, this.tokens, now);
  }

  private readStates(): NodeState[] {
    const { frame, description } = this.live;
    const [waiting, served, held] = ['waiting', 'served', 'held'].map((name) => numbers(frame, 'stations', name));
    const stations = texts(frame, 'stations', 'station');
    const staff = texts(frame, 'stations', 'pool');
    const pools = texts(frame, 'pools', 'pool');
    const onDuty = numbers(frame, 'pools', 'on_duty');
    const engaged = numbers(frame, 'pools', 'engaged');
    const arrivals = numbers(frame, 'sources', 'arrivals');
    return (description.diagram?.nodes ?? []).map(({ noun, number }, node) => {
      const count = (noun === 'station' ? waiting?.[number] : noun === 'source' ? arrivals[number] : 0) ?? 0;
      this.most[node] = Math.max(this.most[node] ?? 1, count);
      const name = stations[number] ?? '';
      const pool = noun === 'station' ? (staff[number] ?? name) : '';
      const index = pools.indexOf(pool);
      return {
        count,
        served: noun === 'station' ? (served?.[number] ?? 0) : 0,
        held: noun === 'station' ? (held?.[number] ?? 0) : 0,
        onDuty: onDuty[index] ?? -1,
        engaged: engaged[index] ?? 0,
        pool: pool === name ? '' : pool,
        most: this.most[node] ?? 1,
      };
    });
  }
}
