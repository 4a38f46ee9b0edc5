// Locks by itself when nobody has touched the device for a while, with a warning before. Counted by the clock and not by a
// timer: a tablet that slept finds itself locked when it wakes, whatever wakes it.

import { useEffect, useRef, useState } from "react";

export const WARNING_SECS = 30;
/** SP 800-63B-4 section 2.2.3: however busy, a password is asked for once a day. */
const SESSION_MS_MAX = 24 * 3600_000;
/** A clock may be set right by so much. */
const CLOCK_BACK_MS_MAX = 60_000;
const SIGNS_OF_LIFE = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

/** Seconds that are left once the warning has begun. Calls `lock` when none are. */
export function useIdle(minutes: number, lock: () => void): { secondsLeft: number | undefined; stay(): void } {
  const [secondsLeft, setSecondsLeft] = useState<number>();
  const locks = useRef(lock);
  const touches = useRef(() => {});
  useEffect(() => {
    locks.current = lock;
  });
  useEffect(() => {
    const begun = Date.now();
    let touched = begun;
    let locked = false;
    const look = () => {
      const now = Date.now();
      const left = Math.ceil((touched + minutes * 60_000 - now) / 1000);
      setSecondsLeft(left <= WARNING_SECS ? Math.max(left, 0) : undefined);
      // A clock that was put back is no reason to stay open.
      const over = left <= 0 || now - begun > SESSION_MS_MAX || now < touched - CLOCK_BACK_MS_MAX;
      if (over && !locked) {
        locked = true;
        locks.current();
      }
    };
    const touch = () => {
      // The first touch after a sleep may come before any timer, and does not make up for the time that nobody was there.
      look();
      if (!locked) touched = Date.now();
    };
    touches.current = touch;
    const timer = setInterval(look, 1000);
    document.addEventListener("visibilitychange", look);
    for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, touch, { passive: true, capture: true });
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      for (const sign of SIGNS_OF_LIFE) document.removeEventListener(sign, touch, { capture: true });
    };
  }, [minutes]);
  const stay = () => {
    touches.current();
    setSecondsLeft(undefined);
  };
  return { secondsLeft, stay };
}
