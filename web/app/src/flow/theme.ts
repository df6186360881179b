/** The page's colours, for canvases. */
export interface Colors {
  surface: string;
  page: string;
  text: string;
  muted: string;
  edge: string;
  line: string;
  accent: string;
  waiting: string;
  lost: string;
  grid: string;
  series: string[];
}

/** Reads the colours as they are now; ask again after `themechange` on the window. */
export function readColors(): Colors {
  const probe = document.createElement('i');
  probe.style.display = 'none';
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors: Colors = {
    surface: read('surface'),
    page: read('page'),
    text: read('text'),
    muted: read('muted'),
    edge: read('edge'),
    line: read('line'),
    accent: read('accent'),
    waiting: read('waiting'),
    lost: read('lost'),
    grid: read('grid'),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((index) => read(`c${index}`)),
  };
  probe.remove();
  return colors;
}
