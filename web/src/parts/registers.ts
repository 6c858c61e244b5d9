// Registers to choose from: what the server offers of an archive, under its headings.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';

type Register = Row<'/api/v1/registers'>;

export interface RegisterOption {
  /** OBIS code. */
  value: string;
  label: string;
  /** What a search goes through: `showSearch={{ optionFilterProp: 'search' }}`. */
  search: string;
  title: string;
}

/** Energies of all tariffs together: their title alone does not say so. */
const summed = /^1\.0\.[1-4]\.8\.0\./;

/** Undefined until the server has answered. */
export function useRegisterOptions(archive: string): { label: string; title: string; options: RegisterOption[] }[] | undefined {
  const { t } = useTranslation('app');
  const { data } = useQuery({ queryKey: ['/registers', archive], staleTime: Infinity, queryFn: () => api.get<{ items: Register[] }>('/registers', { archive }) });
  return useMemo(() => data && [...new Set(data.items.map((register) => register.group))].map((heading) => ({
    label: heading, title: heading,
    options: data.items.filter((register) => register.group === heading).map(({ obis, title }) => ({
      value: obis, label: summed.test(obis) ? `${title} ${t('allTariffs')}` : title, search: `${title} ${heading} ${obis}`, title: obis,
    })),
  })), [data, t]);
}
