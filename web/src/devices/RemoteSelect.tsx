// A choice among more rows than fit into a list: the server is asked while one types.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select, type SelectProps } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Query } from '../api/client';

interface Titled {
  id: number;
  title: string;
}

interface RemoteSelectProps<R extends Titled> extends Omit<SelectProps, 'options' | 'onChange'> {
  path: string;
  query?: Query;
  /** Rows that are known already: the one chosen has its title from here until the server has told it. */
  known?: Titled[];
  detail?: (row: R) => string;
  value?: number;
  onChange?: (id: number | undefined) => void;
}

export function RemoteSelect<R extends Titled>({ path, query, known = [], detail, value, onChange, ...rest }: RemoteSelectProps<R>) {
  const { t } = useTranslation('app');
  const [words, setWords] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const wait = setTimeout(() => setSearch(words), 250);
    return () => clearTimeout(wait);
  }, [words]);
  const asked = { ...query, search: search || undefined, sort: 'title', size: 50 };
  const found = useQuery({ queryKey: [path, asked], placeholderData: keepPreviousData, queryFn: () => api.get<{ items: R[] }>(path, asked) });
  const chosen = value || undefined; // the API says 0 where there is none
  const missing = chosen !== undefined && !found.data?.items.some((row) => row.id === chosen) && !known.some((row) => row.id === chosen);
  const one = useQuery({ queryKey: [path, 'one', chosen], enabled: missing && found.isFetched, queryFn: () => api.get<R>(`${path}/${chosen}`) });
  const options = (found.data?.items ?? []).map((row) => ({ value: row.id, label: row.title, detail: detail?.(row) }));
  for (const row of [...known, ...(one.data ? [one.data as Titled] : [])])
    if (row.id === chosen && !options.some((option) => option.value === row.id)) options.push({ value: row.id, label: row.title, detail: undefined });
  return (
    <Select {...rest} value={chosen} options={options} showSearch={{ filterOption: false, onSearch: setWords }} loading={found.isFetching} notFoundContent={found.isFetching ? t('loading') : t('table.nothingFound')}
      onChange={(id: number | undefined) => onChange?.(id)}
      optionRender={(option) => (
        <div>
          <div>{option.label}</div>
          {option.data.detail && option.data.detail !== option.label && <div style={{ fontSize: 12, color: 'var(--svod-color-text-secondary)' }}>{option.data.detail}</div>}
        </div>
      )} />
  );
}
