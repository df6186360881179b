import { expect, test } from 'vitest';
import type { Diagram } from '../world/documents';
import { backEdges, layoutFlow, trace, type Box, type Measures } from './layout';

const WIDE: Measures = {
  direction: 'right', queueWidth: 80, cardWidth: 140, cardHeight: 80, pillWidth: 80, pillHeight: 32, layerGap: 40, nodeGap: 20,
};

/** `source a`, `station b`, … and ways `a>b` or `a>b:label`. */
function diagram(nodes: string, ways: string): Diagram {
  const named = nodes.split(' ').map((name, number) => ({
    name, number, noun: name.startsWith('s') ? 'source' : name === 'exit' ? 'exit' : 'station',
  }));
  const index = (name: string): number => named.findIndex((node) => node.name === name);
  const edges = ways.split(' ').map((way) => {
    const [ends = '', label = 'served'] = way.split(':');
    const [from = '', to = ''] = ends.split('>');
    return { from: index(from), to: index(to), share: null, label };
  });
  return { nodes: named, edges };
}

function overlap(left: Box, right: Box): boolean {
  return left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height && right.y < left.y + left.height;
}

const OFFICE = diagram('s1 desk senior assess pay exit', 's1>desk desk>desk desk>senior desk>assess senior>pay assess>pay pay>exit assess>exit:gives');

test('a flow goes layer by layer from source to exit', () => {
  expect(layoutFlow(OFFICE, WIDE).layers).toEqual([0, 1, 2, 2, 3, 4]);
});

test('ways that lead back are found, and take no part in the layers', () => {
  const circle = diagram('s1 a b exit', 's1>a a>b b>a b>exit');
  expect([...backEdges(circle)]).toEqual([2]);
  expect(layoutFlow(circle, WIDE).layers).toEqual([0, 1, 2, 3]);
});

for (const direction of ['right', 'down'] as const) {
  test(`nodes do not overlap and everything lies inside the picture (${direction})`, () => {
    const wide = diagram('s1 s2 s3 a b c exit', 's1>a s2>a s3>b a>c b>c c>exit a>exit:gives b>b c>a');
    for (const flow of [OFFICE, wide]) {
      const { nodes, routes, width, height } = layoutFlow(flow, { ...WIDE, direction });
      nodes.forEach((left, index) => nodes.slice(index + 1).forEach((right) => expect(overlap(left, right)).toBe(false)));
      for (const node of nodes) {
        expect(node.x).toBeGreaterThanOrEqual(-0.01);
        expect(node.y).toBeGreaterThanOrEqual(-0.01);
        expect(node.x + node.width).toBeLessThanOrEqual(width + 0.01);
        expect(node.y + node.height).toBeLessThanOrEqual(height + 0.01);
      }
      expect(routes.every((route) => route.points.length % 3 === 1)).toBe(true);
    }
  });
}

test('a way past a layer goes around the nodes there', () => {
  const past = diagram('s1 a b exit', 's1>a a>b b>exit a>exit');
  const { nodes, routes } = layoutFlow(past, WIDE);
  const [, , between] = nodes;
  const route = routes[3];
  if (!between || !route) throw new Error('no such node');
  const { xs, ys } = trace(route);
  xs.forEach((x, index) => {
    const y = ys[index] ?? 0;
    expect(overlap(between, { x, y, width: 0.01, height: 0.01 })).toBe(false);
  });
});

test('things move along a route at an even pace', () => {
  const { routes } = layoutFlow(OFFICE, WIDE);
  for (const route of routes) {
    const { xs, ys, length } = trace(route, 32);
    const steps = [...xs].slice(1).map((x, index) => Math.hypot(x - (xs[index] ?? 0), (ys[index + 1] ?? 0) - (ys[index] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan((length / 31) * 1.1);
  }
});

test('a world without stations is a picture too', () => {
  const { width, height } = layoutFlow(diagram('s1 exit', 's1>exit'), WIDE);
  expect(width).toBe(200);
  expect(height).toBeGreaterThanOrEqual(32);
});
