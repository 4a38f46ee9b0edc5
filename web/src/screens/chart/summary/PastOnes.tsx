import type { ReactNode } from "react";

/** What is over: counted, and out of the way until somebody asks. */
export function PastOnes({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <details>
      <summary>{`${title} (${count})`}</summary>
      <ul className="record-list record-past">{children}</ul>
    </details>
  );
}
