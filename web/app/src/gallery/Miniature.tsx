/** A small drawing of a flow, without names. */
import type { ReactNode } from 'react';
import { isLoss, layoutFlow, type Point } from '../flow/layout';
import type { Diagram } from '../world/documents';

const SMALL = {
  direction: 'right' as const, queueWidth: 22, cardWidth: 44, cardHeight: 30, pillWidth: 18, pillHeight: 18, layerGap: 34, nodeGap: 16,
};
const WIDTH = 320;
const HEIGHT = 120;
const PADDING = 16;

export function Miniature({ diagram }: { diagram: Diagram }): ReactNode {
  const { nodes, routes, width, height } = layoutFlow(diagram, SMALL);
  const scale = Math.min(1.4, (WIDTH - 2 * PADDING) / width, (HEIGHT - 2 * PADDING) / height);
  const left = (WIDTH - width * scale) / 2;
  const top = (HEIGHT - height * scale) / 2;
  return (
    <svg className="miniature" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <g transform={`translate(${left} ${top}) scale(${scale})`}>
        {routes.map((route, index) => (
          <path key={index} className={isLoss(diagram.edges[index]?.label ?? '') ? 'way lost' : 'way'} d={pathText(route.points)} />
        ))}
        {nodes.map((box, index) => {
          const noun = diagram.nodes[index]?.noun;
          if (noun !== 'station') return <circle key={index} className={`end ${noun ?? ''}`} cx={box.x + box.width / 2} cy={box.y + box.height / 2} r={box.height / 2 - 2} />;
          const card = box.x + SMALL.queueWidth;
          return (
            <g key={index}>
              {[6, 13].map((x) => (
                <circle key={x} className="waits" cx={box.x + x} cy={box.y + box.height / 2} r={2.5} />
              ))}
              <rect className="station" x={card} y={box.y} width={SMALL.cardWidth} height={box.height} rx={6} />
              {[10, 20, 30].map((x) => (
                <rect key={x} className="seat" x={card + x - 2} y={box.y + box.height / 2 - 3.5} width={7} height={7} rx={2} />
              ))}
            </g>
          );
        })}
      </g>
    </svg>
  );
}

function pathText([start, ...rest]: Point[]): string {
  if (!start) return '';
  const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  let text = `M${at(start)}`;
  for (let index = 0; index + 2 < rest.length; index += 3) text += `C${rest.slice(index, index + 3).map(at).join(' ')}`;
  return text;
}
