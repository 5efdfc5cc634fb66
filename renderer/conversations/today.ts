import { useEffect, useState } from 'react';

const minuteMs = 60_000;

/** The current time, updated when the calendar day changes, so that a window open over midnight regroups its chats. */
export function useToday(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow((before) => (new Date(before).toDateString() === new Date().toDateString() ? before : Date.now()));
    }, minuteMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
