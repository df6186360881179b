/** Draws a flow on a canvas: ways, dots on them, queues, stations with their seats. Knows nothing of worlds. */
import { percent } from './percent';
import { isLoss, QUEUE_INSET, type Box, type Layout } from './layout';
import type { Colors } from './theme';
import type { Tokens } from './tokens';
import { compact, whole } from '../format/number';
import type { Diagram } from '../world/documents';

/** What a node shows now. */
export interface NodeState {
  /** Cases that have come from a source, or wait before a station. */
  count: number;
  served: number;
  held: number;
  /** Agents on duty; -1 without limit. */
  onDuty: number;
  /** Agents of the pool who have a case here or elsewhere. */
  engaged: number;
  /** Name of a pool that several stations share; empty for a station's own agents. */
  pool: string;
  /** The longest queue seen so far. */
  most: number;
}

export interface Scene {
  diagram: Diagram;
  layout: Layout;
  paths: Path2D[];
  traces: { xs: Float32Array; ys: Float32Array; length: number }[];
  colors: Colors;
  scale: number;
  offset: { x: number; y: number };
  queueWidth: number;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Inter, Roboto, "Helvetica Neue", "Noto Sans", sans-serif';
const DOT = 11;
const DOT_ROWS = 3;
const SEAT = 13;
const SEAT_LEAST = 10;
const SEAT_ROWS = 2;

/** Routes as paths that a canvas strokes. */
export function pathOf(points: { x: number; y: number }[]): Path2D {
  const path = new Path2D();
  const [start] = points;
  if (!start) return path;
  path.moveTo(start.x, start.y);
  for (let at = 1; at + 2 < points.length; at += 3) {
    const [a, b, c] = [points[at], points[at + 1], points[at + 2]];
    if (a && b && c) path.bezierCurveTo(a.x, a.y, b.x, b.y, c.x, c.y);
  }
  return path;
}

export function paintFlow(canvas: CanvasRenderingContext2D, scene: Scene, states: NodeState[], rates: Float64Array, tokens: Tokens, now: number): void {
  const { diagram, layout, offset, scale } = scene;
  const ratio = canvas.canvas.width / (canvas.canvas.clientWidth || 1);
  canvas.setTransform(1, 0, 0, 1, 0, 0);
  canvas.clearRect(0, 0, canvas.canvas.width, canvas.canvas.height);
  canvas.setTransform(ratio * scale, 0, 0, ratio * scale, offset.x * ratio, offset.y * ratio);
  paintWays(canvas, scene, rates);
  paintTokens(canvas, scene, tokens, now);
  paintLabels(canvas, scene);
  diagram.nodes.forEach((node, index) => {
    const box = layout.nodes[index];
    const state = states[index];
    if (!box || !state) return;
    if (node.noun === 'station') paintStation(canvas, scene, box, node.name, state);
    else paintPill(canvas, scene, box, node.name, node.noun === 'exit' ? null : state.count);
  });
}

function paintWays(canvas: CanvasRenderingContext2D, { diagram, paths, colors, traces }: Scene, rates: Float64Array): void {
  canvas.lineCap = 'round';
  diagram.edges.forEach((edge, index) => {
    const path = paths[index];
    const end = traces[index];
    if (!path || !end) return;
    const loss = isLoss(edge.label);
    const width = 1.5 + Math.min(3.5, 1.1 * Math.log10(1 + (rates[index] ?? 0)));
    canvas.strokeStyle = loss ? colors.lost : colors.line;
    canvas.globalAlpha = loss ? 0.6 : 1;
    canvas.lineWidth = width;
    canvas.setLineDash(loss ? [2, 6] : []);
    canvas.stroke(path);
    canvas.setLineDash([]);
    arrow(canvas, end.xs, end.ys, width);
    canvas.globalAlpha = 1;
  });
}

function paintLabels(canvas: CanvasRenderingContext2D, { diagram, layout, colors }: Scene): void {
  canvas.textAlign = 'center';
  canvas.textBaseline = 'middle';
  canvas.font = `500 11px ${FONT}`;
  diagram.edges.forEach((edge, index) => {
    const place = layout.routes[index]?.label;
    const text = [isLoss(edge.label) ? edge.label : '', edge.share !== null && edge.share < 1 ? percent(edge.share) : ''].filter(Boolean).join(' ');
    if (!place || text === '') return;
    canvas.lineJoin = 'round';
    canvas.lineWidth = 5;
    canvas.strokeStyle = colors.surface;
    canvas.strokeText(text, place.x, place.y);
    canvas.fillStyle = colors.muted;
    canvas.fillText(text, place.x, place.y);
  });
}

function arrow(canvas: CanvasRenderingContext2D, xs: Float32Array, ys: Float32Array, width: number): void {
  const last = xs.length - 1;
  const [x, y] = [xs[last] ?? 0, ys[last] ?? 0];
  const angle = Math.atan2(y - (ys[last - 1] ?? 0), x - (xs[last - 1] ?? 0));
  const size = 5 + width;
  canvas.beginPath();
  canvas.moveTo(x - size * Math.cos(angle - 0.5), y - size * Math.sin(angle - 0.5));
  canvas.lineTo(x, y);
  canvas.lineTo(x - size * Math.cos(angle + 0.5), y - size * Math.sin(angle + 0.5));
  canvas.lineWidth = Math.min(width, 2.5);
  canvas.stroke();
}

function paintTokens(canvas: CanvasRenderingContext2D, { diagram, colors, traces }: Scene, tokens: Tokens, now: number): void {
  const served = new Path2D();
  const lost = new Path2D();
  tokens.advance(now, (edge, progress) => {
    const line = traces[edge];
    if (!line) return;
    const at = progress * (line.xs.length - 1);
    const index = Math.floor(at);
    const share = at - index;
    const x = (line.xs[index] ?? 0) * (1 - share) + (line.xs[index + 1] ?? 0) * share;
    const y = (line.ys[index] ?? 0) * (1 - share) + (line.ys[index + 1] ?? 0) * share;
    const path = isLoss(diagram.edges[edge]?.label ?? '') ? lost : served;
    path.moveTo(x + 3.6, y);
    path.arc(x, y, 3.6, 0, 2 * Math.PI);
  });
  canvas.fillStyle = colors.accent;
  canvas.fill(served);
  canvas.fillStyle = colors.lost;
  canvas.fill(lost);
}

function paintPill(canvas: CanvasRenderingContext2D, { colors }: Scene, box: Box, name: string, count: number | null): void {
  canvas.beginPath();
  canvas.roundRect(box.x, box.y, box.width, box.height, Math.min(box.height / 2, 18));
  canvas.fillStyle = colors.page;
  canvas.strokeStyle = colors.line;
  canvas.lineWidth = 1;
  canvas.fill();
  canvas.stroke();
  canvas.textAlign = 'center';
  canvas.textBaseline = 'middle';
  canvas.fillStyle = colors.text;
  canvas.font = `600 12px ${FONT}`;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const shown = fitted(canvas, name, box.width - 14);
  if (count === null) {
    canvas.fillText(shown, x, y);
    return;
  }
  canvas.fillText(shown, x, y - 7);
  canvas.font = `400 11px ${FONT}`;
  canvas.fillStyle = colors.muted;
  canvas.fillText(count < 1e6 ? whole(count) : compact(count), x, y + 8);
}

function paintStation(canvas: CanvasRenderingContext2D, scene: Scene, box: Box, name: string, state: NodeState): void {
  const { colors, queueWidth } = scene;
  const left = box.x + queueWidth;
  const width = box.width - queueWidth;
  canvas.beginPath();
  canvas.roundRect(box.x, box.y + QUEUE_INSET, queueWidth + 10, box.height - 2 * QUEUE_INSET, [12, 0, 0, 12]);
  canvas.fillStyle = colors.grid;
  canvas.fill();
  canvas.beginPath();
  canvas.roundRect(left, box.y, width, box.height, 10);
  canvas.fillStyle = colors.surface;
  canvas.strokeStyle = state.served > 0 ? colors.accent : colors.line;
  canvas.lineWidth = 1.25;
  canvas.fill();
  canvas.stroke();
  canvas.textAlign = 'left';
  canvas.textBaseline = 'alphabetic';
  canvas.fillStyle = colors.text;
  canvas.font = `600 13px ${FONT}`;
  canvas.fillText(fitted(canvas, name, width - 24), left + 12, box.y + 21);
  paintSeats(canvas, colors, { x: left + 12, y: box.y + 31, width: width - 24, height: 24 }, state);
  canvas.font = `400 11px ${FONT}`;
  canvas.fillStyle = colors.muted;
  canvas.fillText(fitted(canvas, staffText(state), width - 24), left + 12, box.y + box.height - 10);
  paintQueue(canvas, scene, { x: box.x, y: box.y, width: queueWidth - 8, height: box.height }, state);
}

function staffText({ onDuty, served, engaged, pool, held }: NodeState): string {
  const suffix = held > 0 ? ` · ${whole(held)} held` : '';
  if (onDuty < 0) return `${whole(served)} in service${suffix}`;
  if (onDuty === 0 && engaged === 0) return `nobody on duty${suffix}`;
  if (pool !== '') return `${pool} ${whole(engaged)}/${whole(onDuty)}${suffix}`;
  return `${whole(served)} of ${whole(onDuty)} busy${suffix}`;
}

function paintSeats(canvas: CanvasRenderingContext2D, colors: Colors, box: Box, { onDuty, served, engaged }: NodeState): void {
  const seats = onDuty < 0 ? served : Math.max(onDuty, engaged, served);
  // A few more than a row has room for are put closer together.
  const pitch = Math.min(SEAT, Math.max(SEAT_LEAST, (box.width + 3) / Math.max(1, seats)));
  const columns = Math.floor((box.width + 3.01) / pitch);
  if (seats > columns * SEAT_ROWS) {
    const share = onDuty > 0 ? Math.min(1, served / onDuty) : served > 0 ? 1 : 0;
    bar(canvas, box.x, box.y + 6, box.width, 12, share, colors.accent, colors.edge);
    return;
  }
  const top = box.y + (seats > columns ? 0 : 6);
  for (let seat = 0; seat < seats; seat++) {
    const x = box.x + (seat % columns) * pitch;
    const y = top + Math.floor(seat / columns) * SEAT;
    canvas.beginPath();
    canvas.roundRect(x + 0.5, y + 0.5, pitch - 4, SEAT - 4, 2.5);
    if (seat < served) {
      canvas.fillStyle = colors.accent;
      canvas.fill();
    } else {
      canvas.strokeStyle = seat < engaged ? colors.accent : colors.muted;
      canvas.globalAlpha = seat >= onDuty && onDuty >= 0 ? 0.35 : 0.75;
      canvas.lineWidth = 1.25;
      canvas.stroke();
      canvas.globalAlpha = 1;
    }
  }
}

function paintQueue(canvas: CanvasRenderingContext2D, { colors }: Scene, box: Box, { count, most }: NodeState): void {
  const columns = Math.floor(box.width / DOT);
  const middle = box.y + box.height / 2;
  if (count > columns * DOT_ROWS) {
    canvas.textAlign = 'right';
    canvas.textBaseline = 'alphabetic';
    canvas.font = `600 12px ${FONT}`;
    canvas.fillStyle = colors.text;
    canvas.fillText(count < 1e5 ? whole(count) : compact(count), box.x + box.width, middle - 10);
    const share = Math.min(1, count / Math.max(most, 1));
    const width = Math.max(4, box.width * share);
    canvas.fillStyle = colors.waiting;
    canvas.beginPath();
    canvas.roundRect(box.x + box.width - width, middle - 5, width, 10, 4);
    canvas.fill();
    return;
  }
  canvas.fillStyle = colors.waiting;
  canvas.beginPath();
  for (let dot = 0; dot < count; dot++) {
    const column = Math.floor(dot / DOT_ROWS);
    const rows = Math.min(DOT_ROWS, count - column * DOT_ROWS);
    const x = box.x + box.width - DOT / 2 - column * DOT;
    const y = middle + ((dot % DOT_ROWS) - (rows - 1) / 2) * DOT;
    canvas.moveTo(x + 4, y);
    canvas.arc(x, y, 4, 0, 2 * Math.PI);
  }
  canvas.fill();
}

function bar(canvas: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, share: number, fill: string, back: string): void {
  canvas.fillStyle = back;
  canvas.beginPath();
  canvas.roundRect(x, y, width, height, height / 2);
  canvas.fill();
  if (share <= 0) return;
  canvas.fillStyle = fill;
  canvas.beginPath();
  canvas.roundRect(x, y, Math.max(height, width * share), height, height / 2);
  canvas.fill();
}

const cuts = new Map<string, string>();

/** The text, or as much of it as there is room for. */
function fitted(canvas: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${canvas.font} ${width} ${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  let cut = text;
  while (cut.length > 1 && canvas.measureText(cut === text ? text : `${cut}…`).width > width) cut = cut.slice(0, -1);
  const shown = cut === text ? text : `${cut}…`;
  if (cuts.size > 2000) cuts.clear();
  cuts.set(key, shown);
  return shown;
}
