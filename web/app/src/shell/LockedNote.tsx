/** Where there would be something of the server, had it been given a token. */
import type { ReactNode } from 'react';
import { token } from '../world/token';
import { useLocked } from './hooks';
import { Icon } from './icons';

export function LockedNote(): ReactNode {
  if (!useLocked()) return null;
  return (
    <p className="banner" role="status">
      <Icon name="key" /> The server asks for a token before it shows what it has.
      <button type="button" onClick={() => void token.ask(null)}>
        Enter a token
      </button>
    </p>
  );
}
