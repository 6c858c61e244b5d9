// Lines of a question, page after page of meters, as the server gives them.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, type Answer, type Query } from '../api/client';
import type { Digits } from '../seeing/exact';
import type { Device } from './kinds';

type Page = Answer<'/api/v1/readings'>;
export type Value = Digits | boolean | null;

export interface Line {
  key: string;
  device: Device;
  time: string | null;
  values: Value[];
  quality: (number | null)[];
  why: string;
  gap: boolean;
}

/** Beyond this many a table is nobody's reading: a file is. */
export const linesMost = 60_000;
const path = '/readings', devicesAPage = 50;

const linesOf = (page: Page, at: number): Line[] => {
  const devices = new Map(page.devices.map((device) => [device.id, device]));
  return page.items.flatMap((item, i) => {
    const device = devices.get(item.device);
    return device ? [{ key: `${at}.${i}`, device, time: item.time, values: item.values as unknown as Value[], quality: item.quality as (number | null)[], why: item.why, gap: item.gap }] : [];
  });
};

export function useLines(query: Query | undefined) {
  const result = useInfiniteQuery({
    queryKey: [path, query], enabled: !!query, initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => api.get<Page>(path, { ...query, page: pageParam, size: devicesAPage }, signal),
    getNextPageParam: (last, all) => (all.length * devicesAPage < last.total ? all.length + 1 : undefined),
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = result;
  const lines = useMemo(() => data?.pages.flatMap(linesOf) ?? [], [data]);
  const full = lines.length >= linesMost;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && !full) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, full, fetchNextPage]);
  const total = data?.pages[0]?.total ?? 0;
  return {
    lines, total, columns: data?.pages[0]?.columns ?? [], error: result.error, pending: !!query && result.isPending, fetching: isFetching, loaded: Math.min(total, (data?.pages.length ?? 0) * devicesAPage),
    cut: (full && hasNextPage) || !!data?.pages.some((page) => page.more),
  };
}

/** Shown lines are asked for again; one that is under way will do unless it is the `last`. */
export function useRefreshLines() {
  const client = useQueryClient();
  return (last: boolean) => void client.invalidateQueries({ queryKey: [path] }, { cancelRefetch: last });
}
