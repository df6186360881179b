/** What went wrong, told at once to everybody. */
import type { ReactNode } from 'react';

export function Problem({ children }: { children: ReactNode }): ReactNode {
  if (children === null || children === undefined || children === '') return null;
  return (
    <p className="problem" role="alert">
      {children}
    </p>
  );
}
