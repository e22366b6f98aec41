import { type DescFile, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

const withDependencies = (file: DescFile, into: Map<string, Buffer>): void => {
  if (into.has(file.name)) return;
  into.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const dependency of file.dependencies) withDependencies(dependency, into);
};

/** Serves descriptors (gRPC server reflection, v1 and v1alpha), so that tools like grpcurl need no .proto files. */
export const addReflection = (server: Server, services: readonly DescService[]): void => {
  const files = new Map<string, Buffer>();
  for (const { file } of services) withDependencies(file, files);
  const definition = { services: { fileDescriptorProtos: [...files.values()] } };
  new ReflectionService(definition as unknown as ConstructorParameters<typeof ReflectionService>[0]).addToServer(
    server,
  );
};
