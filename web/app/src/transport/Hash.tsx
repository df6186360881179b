/** The beginning of a hash, and a button that copies the whole. */
import { useState, type ReactNode } from 'react';
import { Icon } from '../shell/icons';
import { session } from '../shell/session';

export function Hash({ hash }: { hash: string }): ReactNode {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(hash);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      session.tell(`This browser does not let pages copy; the hash is ${hash}`);
    }
  };
  return (
    <span className="hash">
      <code title={hash} data-testid="hash">
        {hash.slice(0, 12)}
      </code>
      <button type="button" className="quiet tiny" aria-label={isCopied ? 'Copied' : 'Copy the ledger hash'} onClick={() => void copy()}>
        {isCopied ? '✓' : <Icon name="copy" />}
      </button>
    </span>
  );
}
