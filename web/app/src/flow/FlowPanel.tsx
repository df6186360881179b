/** The flow of the world, drawn and moving; beside it, unseen, the same state as a table for who cannot see it. */
import { useEffect, useRef, type ReactNode } from 'react';
import { useLive, useMedia } from '../shell/hooks';
import { onFrame } from '../shell/loop';
import type { Live } from '../world/live';
import { FlowView } from './view';

export function FlowPanel({ live, least }: { live: Live; least: number }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const isCalm = useMedia('(prefers-reduced-motion: reduce)');
  useEffect(() => {
    if (!canvas.current || !frame.current) return undefined;
    const view = new FlowView(canvas.current, live);
    view.isCalm = isCalm;
    const room = frame.current;
    const fit = (): void => void view.resize(room.clientWidth, least);
    const observer = new ResizeObserver(fit);
    observer.observe(room);
    fit();
    const recolor = (): void => view.recolor();
    addEventListener('themechange', recolor);
    const stop = onFrame((now) => view.paint(now));
    return () => {
      stop();
      removeEventListener('themechange', recolor);
      observer.disconnect();
      view.close();
    };
  }, [live, isCalm, least]);
  return (
    <section className="flow" aria-label="Flow">
      <div ref={frame} className="flow-frame" tabIndex={0} role="group" aria-label="Drawing of the flow; scrolls where it is wider than its room">
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <StateTable live={live} />
    </section>
  );
}

function StateTable({ live }: { live: Live }): ReactNode {
  useLive(live);
  return (
    <div className="unseen">
      {live.frame.tables.map((table) => (
        <table key={table.name}>
          <caption>{table.name}</caption>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.name} scope="col">
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(table.columns[0]?.values ?? []).map((_, row) => (
              <tr key={row}>
                {table.columns.map((column) => (
                  <td key={column.name}>{column.values[row]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}
