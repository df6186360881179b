/**
 * Where the parts of a flow stand: in layers from the sources to the exit.
 *
 * Ways that lead back are found first and take no part in the layers; the others go one layer at a time, through
 * invisible places where they pass other nodes. Order within a layer follows the neighbours (barycentres). Works
 * along a main axis `m` and across it `c`, so that a flow goes right on a wide screen and down on a narrow one.
 */
import type { Diagram } from '../world/documents';

export type Direction = 'right' | 'down';

/** How large things are, in pixels at scale 1. */
export interface Measures {
  direction: Direction;
  /** Room for a station's queue, left of its card. */
  queueWidth: number;
  cardWidth: number;
  cardHeight: number;
  pillWidth: number;
  pillHeight: number;
  layerGap: number;
  nodeGap: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A way from part to part, as cubic Bézier segments: a start, then three points for each. */
export interface Route {
  points: Point[];
  /** Where its label stands. */
  label: Point;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Box[];
  routes: Route[];
  /** Layer of each node, from 0. */
  layers: number[];
}

/** Whether cases take this way because they were not served. */
export function isLoss(label: string): boolean {
  return label !== '' && label !== 'served';
}

/** A node or an invisible place in a layer. */
interface Place {
  layer: number;
  /** Extent along and across the main axis. */
  along: number;
  across: number;
  /** Node, or `null` for a place that a way passes. */
  node: number | null;
  center: number;
  before: Place[];
  after: Place[];
}

/** How much lower a queue is than its card, above and below. */
export const QUEUE_INSET = 15;
const LANE = 16;
const PASS_WIDTH = 14;

export function layoutFlow(diagram: Diagram, measures: Measures): Layout {
  const back = backEdges(diagram);
  const layers = layersOf(diagram, back);
  const places = diagram.nodes.map((_, node) => placeOf(diagram, measures, layers, node));
  const chains = diagram.edges.map((edge, index) => (back.has(index) ? null : chain(edge, places)));
  const all = [...places, ...chains.flatMap((chain) => chain?.slice(1, -1) ?? [])];
  const rows: Place[][] = [];
  for (const place of all) (rows[place.layer] ??= []).push(place);
  for (let layer = 0; layer < rows.length; layer++) rows[layer] ??= [];
  order(rows);
  settle(rows, measures.nodeGap);
  return assemble(diagram, measures, rows, places, chains);
}

/** Edges that close a circle, in the order of a walk from the first nodes. */
export function backEdges(diagram: Diagram): Set<number> {
  const back = new Set<number>();
  const state = diagram.nodes.map(() => 'new' as 'new' | 'open' | 'done');
  const out = diagram.nodes.map((_, node) => diagram.edges.flatMap((edge, index) => (edge.from === node ? [index] : [])));
  const walk = (node: number): void => {
    state[node] = 'open';
    for (const index of out[node] ?? []) {
      const to = diagram.edges[index]?.to ?? 0;
      if (state[to] === 'open') back.add(index);
      else if (state[to] === 'new') walk(to);
    }
    state[node] = 'done';
  };
  diagram.nodes.forEach((_, node) => {
    if (state[node] === 'new') walk(node);
  });
  return back;
}

/** The longest way to each node; what leaves the world stands in the last layer. */
function layersOf(diagram: Diagram, back: Set<number>): number[] {
  const layers = diagram.nodes.map((node): number => (node.noun === 'source' ? 0 : 1));
  const forward = diagram.edges.filter((_, index) => !back.has(index));
  for (let round = 0; round < diagram.nodes.length; round++) {
    let isSettled = true;
    for (const { from, to } of forward) {
      const least = (layers[from] ?? 0) + 1;
      if ((layers[to] ?? 0) < least) {
        layers[to] = least;
        isSettled = false;
      }
    }
    if (isSettled) break;
  }
  const last = Math.max(...layers, 1);
  return layers.map((layer, node) => (diagram.nodes[node]?.noun === 'exit' ? last : layer));
}

function placeOf(diagram: Diagram, measures: Measures, layers: number[], node: number): Place {
  const isStation = diagram.nodes[node]?.noun === 'station';
  const width = isStation ? measures.queueWidth + measures.cardWidth : measures.pillWidth;
  const loses = diagram.edges.some((edge) => edge.from === node && isLoss(edge.label));
  const loops = diagram.edges.some((edge) => edge.from === node && edge.to === node);
  const isRight = measures.direction === 'right';
  // A way along the lower side needs room there; as much above keeps the card in the middle.
  const lane = isRight && isStation ? (loses ? LANE : 0) + (loops ? LANE : 0) : 0;
  const height = (isStation ? measures.cardHeight : measures.pillHeight) + 2 * lane;
  return {
    layer: layers[node] ?? 0,
    along: isRight ? width : height,
    across: isRight ? height : width,
    node,
    center: 0,
    before: [],
    after: [],
  };
}

/** The places that an edge goes through, from node to node. */
function chain(edge: { from: number; to: number }, places: Place[]): Place[] {
  const start = places[edge.from];
  const end = places[edge.to];
  if (!start || !end) return [];
  const through: Place[] = [start];
  for (let layer = start.layer + 1; layer < end.layer; layer++) {
    through.push({ layer, along: 0, across: PASS_WIDTH, node: null, center: 0, before: [], after: [] });
  }
  through.push(end);
  for (let index = 1; index < through.length; index++) {
    const [left, right] = [through[index - 1], through[index]];
    if (!left || !right) continue;
    left.after.push(right);
    right.before.push(left);
  }
  return through;
}

function order(rows: Place[][]): void {
  const spread = (row: Place[]): void => row.forEach((place, index) => (place.center = index - (row.length - 1) / 2));
  rows.forEach(spread);
  for (let sweep = 0; sweep < 8; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const weights = new Map(row.map((place) => [place, mean(down ? place.before : place.after, place.center)]));
      row.sort((left, right) => (weights.get(left) ?? 0) - (weights.get(right) ?? 0));
      spread(row);
    }
  }
}

function mean(places: Place[], otherwise: number): number {
  if (places.length === 0) return otherwise;
  return places.reduce((sum, place) => sum + place.center, 0) / places.length;
}

/** Moves places towards their neighbours without changing their order or overlapping. */
function settle(rows: Place[][], gap: number): void {
  for (const row of rows) {
    const total = row.reduce((sum, place) => sum + place.across, 0) + gap * Math.max(0, row.length - 1);
    let at = -total / 2;
    for (const place of row) {
      place.center = at + place.across / 2;
      at += place.across + gap;
    }
  }
  for (let round = 0; round < 24; round++) {
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const wanted = row.map((place) => mean([...place.before, ...place.after], place.center));
      row.forEach((place, index) => (place.center += ((wanted[index] ?? 0) - place.center) * 0.6));
      const shift = separate(row, gap, wanted);
      row.forEach((place) => (place.center += shift));
    }
  }
}

/** Pushes overlapping places apart; returns how far the row should move as a whole to lie where it wanted. */
function separate(row: Place[], gap: number, wanted: number[]): number {
  for (let index = 1; index < row.length; index++) {
    const [left, right] = [row[index - 1], row[index]];
    if (!left || !right) continue;
    const least = left.center + (left.across + right.across) / 2 + gap;
    if (right.center < least) right.center = least;
  }
  if (row.length === 0) return 0;
  const offset = row.reduce((sum, place, index) => sum + (wanted[index] ?? 0) - place.center, 0);
  return offset / row.length;
}

function assemble(diagram: Diagram, measures: Measures, rows: Place[][], places: Place[], chains: (Place[] | null)[]): Layout {
  const isRight = measures.direction === 'right';
  const starts: number[] = [];
  let along = 0;
  for (const row of rows) {
    starts.push(along);
    along += Math.max(0, ...row.map((place) => place.along)) + measures.layerGap;
  }
  const length = along - measures.layerGap;
  const all = rows.flat();
  const low = Math.min(...all.map((place) => place.center - place.across / 2));
  const high = Math.max(...all.map((place) => place.center + place.across / 2));
  const thickness = (layer: number): number => Math.max(0, ...(rows[layer] ?? []).map((place) => place.along));
  const point = (m: number, c: number): Point => (isRight ? { x: m, y: c - low } : { x: c - low, y: m });
  const nodes = places.map((place, node) => {
    const isStation = diagram.nodes[node]?.noun === 'station';
    const width = isStation ? measures.queueWidth + measures.cardWidth : measures.pillWidth;
    const height = isStation ? measures.cardHeight : measures.pillHeight;
    const start = (starts[place.layer] ?? 0) + (thickness(place.layer) - place.along) / 2;
    return { ...point(start, place.center - (isRight ? height : width) / 2), width, height };
  });
  const context: Routing = { diagram, measures, nodes, uses: new Map() };
  const routes = diagram.edges.map((_, index) => {
    const through = chains[index];
    if (!through) return loopRoute(context, index);
    const middles = through.slice(1, -1).flatMap((place) => {
      const start = starts[place.layer] ?? 0;
      return [point(start, place.center), point(start + thickness(place.layer), place.center)];
    });
    return forwardRoute(context, index, middles);
  });
  const bottom = Math.max(...routes.flatMap((route) => route.points.map(({ y }) => y)), 0);
  const right = Math.max(...routes.flatMap((route) => route.points.map(({ x }) => x)), 0);
  const [width, height] = isRight ? [length, high - low] : [high - low, length];
  return { width: Math.max(width, right), height: Math.max(height, bottom), nodes, routes, layers: places.map((place) => place.layer) };
}

interface Routing {
  diagram: Diagram;
  measures: Measures;
  nodes: Box[];
  /** How many ways have ended at a node's side so far. */
  uses: Map<string, number>;
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

/** Where ways come in: the beginning of the queue, a little apart from each other. */
function entry({ diagram, measures, nodes, uses }: Routing, node: number): Point {
  const box = nodes[node] ?? NOWHERE;
  const key = `in ${node}`;
  const used = uses.get(key) ?? 0;
  uses.set(key, used + 1);
  const total = diagram.edges.filter((edge) => edge.to === node && edge.from !== node).length;
  const apart = (used - (total - 1) / 2) * Math.min(10, (measures.pillHeight - 12) / Math.max(1, total));
  if (measures.direction === 'right') return { x: box.x, y: box.y + box.height / 2 + apart };
  const isStation = diagram.nodes[node]?.noun === 'station';
  if (isStation) return { x: box.x + measures.queueWidth / 2 + apart, y: box.y + QUEUE_INSET };
  return { x: box.x + box.width / 2 + apart, y: box.y };
}

/** Where ways go out: from the card, or from the queue for those who are not served. */
function outlet({ diagram, measures, nodes }: Routing, index: number): Point {
  const edge = diagram.edges[index];
  const box = nodes[edge?.from ?? 0] ?? NOWHERE;
  const isStation = diagram.nodes[edge?.from ?? 0]?.noun === 'station';
  if (isStation && isLoss(edge?.label ?? '')) return { x: box.x + measures.queueWidth / 2, y: box.y + box.height - QUEUE_INSET };
  if (measures.direction === 'right') return { x: box.x + box.width, y: box.y + box.height / 2 };
  const middle = isStation ? measures.queueWidth + measures.cardWidth / 2 : box.width / 2;
  return { x: box.x + middle, y: box.y + box.height };
}

function forwardRoute(context: Routing, index: number, middles: Point[]): Route {
  const { diagram, measures, nodes } = context;
  const edge = diagram.edges[index];
  const isRight = measures.direction === 'right';
  const start = outlet(context, index);
  const end = entry(context, edge?.to ?? 0);
  const points = [start];
  const box = nodes[edge?.from ?? 0] ?? NOWHERE;
  if (isRight && diagram.nodes[edge?.from ?? 0]?.noun === 'station' && isLoss(edge?.label ?? '')) {
    // Down from the queue, then along below the card.
    const lane = box.y + box.height + LANE;
    points.push({ x: start.x, y: lane }, { x: start.x, y: lane }, { x: start.x + LANE, y: lane });
    curve(points, { x: box.x + box.width, y: lane }, isRight);
  }
  for (const target of [...middles, end]) curve(points, target, isRight);
  return { points, label: labelPoint(points, edge?.label ?? '') };
}

/** Adds a segment that leaves and arrives along the main axis. */
function curve(points: Point[], to: Point, isRight: boolean): void {
  const from = points.at(-1) ?? to;
  if (isRight) {
    const middle = (from.x + to.x) / 2;
    points.push({ x: middle, y: from.y }, { x: middle, y: to.y }, to);
  } else {
    const middle = (from.y + to.y) / 2;
    points.push({ x: from.x, y: middle }, { x: to.x, y: middle }, to);
  }
}

/** A way back: around the lower (or right) side of what lies between. */
function loopRoute(context: Routing, index: number): Route {
  const { diagram, measures, nodes } = context;
  const edge = diagram.edges[index];
  const from = nodes[edge?.from ?? 0] ?? NOWHERE;
  const to = nodes[edge?.to ?? 0] ?? NOWHERE;
  const isRight = measures.direction === 'right';
  const key = 'loops';
  const used = context.uses.get(key) ?? 0;
  context.uses.set(key, used + 1);
  const depth = LANE * (1.4 + used * 0.6);
  const inset = measures.queueWidth / 2;
  if (isRight) {
    const start = { x: from.x + from.width - 24, y: from.y + from.height };
    const end = { x: to.x + inset, y: to.y + to.height - QUEUE_INSET };
    const level = Math.max(start.y, end.y + QUEUE_INSET) + depth;
    const points = [start, { x: start.x, y: level }, { x: start.x, y: level }, { x: start.x - LANE, y: level }];
    curve(points, { x: end.x + LANE, y: level }, true);
    points.push({ x: end.x, y: level }, { x: end.x, y: level }, end);
    return { points, label: { x: (start.x + end.x) / 2, y: level } };
  }
  const start = { x: from.x + from.width, y: from.y + from.height * 0.7 };
  const end = { x: to.x + to.width, y: to.y + to.height * 0.3 };
  const level = Math.max(start.x, end.x) + depth;
  const points = [start, { x: level, y: start.y }, { x: level, y: end.y }, end];
  return { points, label: { x: level - 6, y: (start.y + end.y) / 2 } };
}

function labelPoint(points: Point[], label: string): Point {
  const last = points.length - 1;
  const segment = isLoss(label) && last >= 6 ? 3 : Math.max(0, last - 3);
  return bezier(points.slice(segment, segment + 4), 0.5);
}

/** A point of one cubic segment. */
export function bezier([a, b, c, d]: Point[], t: number): Point {
  const s = 1 - t;
  const [wa, wb, wc, wd] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
  const blend = (axis: 'x' | 'y'): number =>
    wa * (a?.[axis] ?? 0) + wb * (b?.[axis] ?? 0) + wc * (c?.[axis] ?? 0) + wd * (d?.[axis] ?? 0);
  return { x: blend('x'), y: blend('y') };
}

/** A route as points at equal distances, for things that move along it. */
export function trace(route: Route, count = 48): { xs: Float32Array; ys: Float32Array; length: number } {
  const dense: Point[] = [];
  for (let segment = 0; segment + 3 < route.points.length; segment += 3) {
    const control = route.points.slice(segment, segment + 4);
    for (let step = segment === 0 ? 0 : 1; step <= 24; step++) dense.push(bezier(control, step / 24));
  }
  const lengths = [0];
  for (let index = 1; index < dense.length; index++) {
    const [left, right] = [dense[index - 1], dense[index]];
    lengths.push((lengths[index - 1] ?? 0) + Math.hypot((right?.x ?? 0) - (left?.x ?? 0), (right?.y ?? 0) - (left?.y ?? 0)));
  }
  const length = lengths.at(-1) ?? 0;
  const xs = new Float32Array(count);
  const ys = new Float32Array(count);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const wanted = (length * index) / (count - 1);
    while (at < dense.length - 2 && (lengths[at + 1] ?? 0) < wanted) at += 1;
    const span = (lengths[at + 1] ?? 0) - (lengths[at] ?? 0);
    const share = span > 0 ? (wanted - (lengths[at] ?? 0)) / span : 0;
    xs[index] = (dense[at]?.x ?? 0) + ((dense[at + 1]?.x ?? dense[at]?.x ?? 0) - (dense[at]?.x ?? 0)) * share;
    ys[index] = (dense[at]?.y ?? 0) + ((dense[at + 1]?.y ?? dense[at]?.y ?? 0) - (dense[at]?.y ?? 0)) * share;
  }
  return { xs, ys, length };
}
