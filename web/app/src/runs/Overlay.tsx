/** How many waited in two runs, one curve over the other. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type uPlot from 'uplot';
import { createPlot } from '../charts/plot';
import { axis } from '../format/number';
import { together } from './curves';
import type { KeptRun } from './store';

export function Overlay({ left, right }: { left: KeptRun; right: KeptRun }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const recolor = (): void => setTheme((count) => count + 1);
    addEventListener('themechange', recolor);
    return () => removeEventListener('themechange', recolor);
  }, []);
  useEffect(() => {
    const parent = box.current;
    if (!parent || !left.waiting || !right.waiting) return undefined;
    const plot = createPlot(parent, {
      lines: [{ name: 'A', color: 0, isStepped: true }, { name: 'B', color: 1, isStepped: true }],
      format: axis,
      marks: 'whole',
    });
    plot.setData(together(left.waiting, right.waiting) as unknown as uPlot.AlignedData);
    const observer = new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height: parent.clientHeight }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [left, right, theme]);
  return (
    <section className="block" aria-labelledby="overlay">
      <div className="panel-head">
        <h2 id="overlay">Waiting, all stations</h2>
        <ul className="legend">
          {[left, right].map((run, index) => (
            <li key={index}>
              <i style={{ '--c': `var(--c${index + 1})` } as React.CSSProperties} />
              {index === 0 ? 'A' : 'B'}: {run.name}
            </li>
          ))}
        </ul>
      </div>
      <div ref={box} className="plot" role="img" aria-label="How many waited over simulated time, in both runs" />
    </section>
  );
}
