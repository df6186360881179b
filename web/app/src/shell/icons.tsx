/** The app's icons: 16 × 16, in the colour of the text. */
import type { ReactNode } from 'react';

const PATHS = {
  play: 'M4.5 2.8v10.4c0 .5.5.8.9.5l8-5.2a.6.6 0 0 0 0-1l-8-5.2a.6.6 0 0 0-.9.5Z',
  pause: 'M4 2.5h2.6v11H4zM9.4 2.5H12v11H9.4z',
  step: 'M3.5 3v10l6.5-5zM11 3h1.8v10H11z',
  back: 'M12.5 3v10L6 8zM3.2 3H5v10H3.2z',
  end: 'M2 3v10l5.2-5zM7.5 3v10l5.2-5zM13 3h1.5v10H13z',
  reset: 'M8 2.5a5.5 5.5 0 1 1-5.3 4h1.6A4 4 0 1 0 8 4v2.2L4.6 3.3 8 .5z',
  branch: 'M4.5 2a1.8 1.8 0 0 1 .8 3.4v5.2a1.8 1.8 0 1 1-1.5 0V5.4A1.8 1.8 0 0 1 4.5 2Zm7 0a1.8 1.8 0 0 1 .8 3.4c-.1 2.2-1 3.4-3.2 3.9-1.5.4-2.3.7-2.8 1.4v-2.2c.6-.3 1.4-.5 2.4-.7 1.5-.4 2-1 2.1-2.4A1.8 1.8 0 0 1 11.5 2Z',
  copy: 'M5 1.5h7.5c.6 0 1 .4 1 1V10H12V3H5zM2.5 4.5h7c.6 0 1 .4 1 1v8c0 .6-.4 1-1 1h-7a1 1 0 0 1-1-1v-8c0-.6.4-1 1-1ZM3 6v7h6V6z',
  theme: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8A5.4 5.4 0 0 1 8 2.6Z',
  close: 'm3.2 4.3 1-1L8 7l3.7-3.7 1 1L9 8l3.7 3.7-1 1L8 9l-3.7 3.7-1-1L7 8z',
  send: 'M8 1.5 12.5 6l-1 1L8.8 4.3V11H7.2V4.3L4.5 7l-1-1zM2 12.5h12V14H2z',
  download: 'M7.2 1.5h1.6v6.7l2.7-2.7 1 1L8 11 3.5 6.5l1-1 2.7 2.7zM2 12.5h12V14H2z',
  pencil: 'M11.3 1.6a1 1 0 0 1 1.4 0l1.7 1.7a1 1 0 0 1 0 1.4L5.6 13.5l-3.9.8.8-3.9zM3.9 11.2l-.3 1.2 1.2-.3 7.9-7.9-.9-.9z',
  trash: 'M6 1.5h4l.5 1.2H14v1.5H2V2.7h3.5zM3.3 5.2h9.4l-.7 8.4a1 1 0 0 1-1 .9H5a1 1 0 0 1-1-.9zm1.6 1.5.5 6.3h5.2l.5-6.3z',
  key: 'M10.5 1.5a4 4 0 1 1-3.7 5.6l-5.3 5.3v2.1h2.6v-1.6h1.6v-1.6h1.6L8.7 9.9A4 4 0 0 1 10.5 1.5Zm1 2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z',
  eye: 'M8 3c3.2 0 5.8 1.9 7 5-1.200 3.100-3.800 5-7 5s-5.800-1.900-7-5c1.200-3.100 3.800-5 7-5Zm0 1.500C5.700 4.500 3.700 5.700 2.700 8c1 2.300 3 3.500 5.300 3.500s4.300-1.200 5.300-3.500c-1-2.300-3-3.500-5.300-3.500Zm0 1.200a2.300 2.300 0 1 1 0 4.600 2.300 2.300 0 0 1 0-4.600Z',
  search: 'M7 1.5a5.5 5.5 0 0 1 4.4 8.8l3.2 3.2-1 1-3.3-3.2A5.5 5.5 0 1 1 7 1.5ZM7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo(): ReactNode {
  return (
    <svg className="logo" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="3" />
      <ellipse cx="12" cy="12" rx="10.5" ry="4.4" transform="rotate(-28 12 12)" />
      <ellipse cx="12" cy="12" rx="10.5" ry="4.4" transform="rotate(62 12 12)" />
    </svg>
  );
}
