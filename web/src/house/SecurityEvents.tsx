// Security events (S3 2.2.20, table 5).
import { Events } from './Events';

export default function SecurityEvents() {
  return <Events security />;
}
