// What of antd's tables the keyboard reaches.
import { useEffect, type RefObject } from 'react';

/** antd measures widths on a hidden copy of the heads: its boxes must not be reached by Tab. What scrolls is. */
export function useTableReach(frame: RefObject<HTMLElement | null>) {
  useEffect(() => {
    frame.current?.querySelectorAll('.ant-table-measure-row').forEach((row) => row.setAttribute('inert', ''));
    frame.current?.querySelectorAll('.ant-table-body, .ant-table-content').forEach((body) => body.setAttribute('tabindex', '0'));
  });
}
