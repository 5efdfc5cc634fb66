import type { ReactNode } from 'react';

/** Wyvern's logo: two raised wings that form a W. Decorative, because the name is next to it. */
export function Mark({ className }: { readonly className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className} fill="none">
      <path
        d="M3 6.5c4.6 1.2 7.4 4.6 8.6 9.9L16 11.6l4.4 4.8C21.6 11.1 24.4 7.700 29 6.5c-1.100 9.300-4.200 15.700-9.400 19.500L16 19.800 12.400 26C7.200 22.200 4.100 15.800 3 6.5Z"
        fill="currentColor"
      />
    </svg>
  );
}
