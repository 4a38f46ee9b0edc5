import { useEffect, useState } from "react";

/** The latest answer, until the next one is there: a list that grows does not go away meanwhile. */
export function useKept<T>(data: T | undefined): T | undefined {
  const [kept, setKept] = useState<T>();
  useEffect(() => {
    if (data !== undefined) setKept(data);
  }, [data]);
  return data ?? kept;
}
