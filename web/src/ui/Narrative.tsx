import { useEffect, useRef } from "react";
import { cleanNarrative } from "../security/narrative";

/** The XHTML of a FHIR narrative, without anything in it that acts, loads or leads away. */
export function Narrative({ xhtml, label }: { xhtml: string; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.replaceChildren(cleanNarrative(xhtml));
  }, [xhtml]);
  return <div ref={place} className="narrative" role="document" aria-label={label} />;
}
