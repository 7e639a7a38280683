export {
  createKafkaEventLog,
  type KafkaEventLog,
  type KafkaEventLogOptions,
  type KafkaFigures,
} from './event-log.kafka.ts';
