/** A chart with its title and a legend that tells the values: the latest, or those under the pointer. */
import { useEffect, useRef, type ReactNode } from 'react';
import type uPlot from 'uplot';
import { useThemeChanges } from '../shell/hooks';
import { createPlot, type PlotOptions } from './plot';

/** What a chart shows at the moment. */
export interface Reading {
  /** Places, then each line's values, and its band's ends where it has one. */
  data: uPlot.AlignedData;
  from: number;
  to: number;
}

/** Where the values come from; the same object as long as the lines stay the same. */
export interface Readings extends Omit<PlotOptions, 'pointed'> {
  read: () => Reading;
  /** What the legend says at a place of the data; `null`: nothing is pointed at. */
  tell: (index: number | null) => { moment: string; values: string[] };
  /** Has the chart drawn whenever there is something new; without it, it is drawn once. */
  follow?: (draw: () => void) => () => void;
}

export function PlotFigure({ title, label, readings, note }: { title: string; label: string; readings: Readings; note?: ReactNode }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const moment = useRef<HTMLSpanElement>(null);
  const theme = useThemeChanges();
  useEffect(() => {
    const parent = box.current;
    if (!parent) return undefined;
    let pointed: number | null = null;
    const tell = (): void => {
      const told = readings.tell(pointed);
      legend.current?.querySelectorAll('b').forEach((cell, at) => setText(cell, told.values[at] ?? '–'));
      if (moment.current) setText(moment.current, told.moment);
    };
    const plot = createPlot(parent, {
      ...readings,
      pointed: (index) => {
        pointed = index;
        tell();
      },
    });
    const draw = (): void => {
      const { data, from, to } = readings.read();
      plot.batch(() => {
        plot.setData(data, false);
        plot.setScale('x', { min: from, max: to });
      });
      tell();
    };
    const stop = readings.follow?.(draw);
    if (!stop) draw();
    const fit = (): void => plot.setSize({ width: Math.max(120, parent.clientWidth), height: parent.clientHeight > 60 ? parent.clientHeight : plot.height });
    const observer = new ResizeObserver(fit);
    observer.observe(parent);
    return () => {
      observer.disconnect();
      stop?.();
      plot.destroy();
    };
    // The colours are read when the plot is made: another theme makes it again.
  }, [readings, theme]);
  const { lines } = readings;
  return (
    <figure className="chart">
      <figcaption>
        <h3>{title}</h3>
        <span ref={moment} className="moment" />
        <ul ref={legend} className="legend">
          {lines.map(({ name, color }) => (
            <li key={name}>
              <i style={{ '--c': `var(--c${(color % 8) + 1})` } as React.CSSProperties} />
              {lines.length > 1 && <span>{name}</span>}
              <b />
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box} className="plot" role="img" aria-label={label} />
      {note}
    </figure>
  );
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
