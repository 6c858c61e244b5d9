// When certificates end: beside the field that holds one, and all of them as a list.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { State, type StateKind } from './state';

export type Certificate = Row<'/api/v1/certificates'>;

const kinds: Record<Certificate['state'], StateKind> = { good: 'ok', soon: 'partial', ended: 'failed' };

export function useCertificates(enabled: boolean) {
  return useQuery({ queryKey: ['/certificates'], queryFn: () => api.get<{ items: Certificate[] }>('/certificates'), enabled });
}

export function CertificateState({ certificate }: { certificate: Certificate }) {
  const { t } = useTranslation('house');
  return <State kind={kinds[certificate.state]}>{t(`certificates.state.${certificate.state}`, { count: certificate.days })}</State>;
}

/** Of a page that shows the rest itself. */
export function CertificateLeft({ owner, part }: { owner: string; part: string }) {
  const one = useCertificates(useMay()('Read.HesConfig')).data?.items.find((row) => row.owner === owner && row.part === part);
  return one ? <CertificateState certificate={one} /> : null;
}

/** What is stored in a field, not what is being typed: who it is made out to, until when, how long that is. */
export function CertificateEnd({ owner, id = 0, part, hint }: { owner: string; id?: number; part: string; hint?: string }) {
  const { t } = useTranslation('house');
  const found = (useCertificates(useMay()('Read.HesConfig')).data?.items ?? []).filter((one) => one.owner === owner && one.id === id && one.part === part);
  return (
    <>
      {hint}
      {found.map((one) => (
        <div key={`${one.subject} ${one.not_after}`} data-testid="certificate-end" style={{ overflowWrap: 'anywhere' }}>
          {one.subject}, {t('certificates.until', { time: timeText(one.not_after) })} <CertificateState certificate={one} />
        </div>
      ))}
    </>
  );
}
