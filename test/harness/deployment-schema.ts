import {
  always, anything, atomic, flag, intOrString, integer, list, listBy, mapOf, objectMeta, optionalFlag, optionalInteger, optionalText,
  quantity, struct, text, type Struct
} from './schema.js'

/*
 * The fields of a Deployment (apps/v1 of Kubernetes 1.34) that matter for a pod of this project. For volumes,
 * affinity and so on, only the rules for merging.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
 */

const labelSelector = atomic(struct({
  matchLabels: mapOf(optionalText),
  matchExpressions: list(struct({ key: optionalText, operator: optionalText, values: list(optionalText) }))
}))

const keyReference = atomic(struct({ name: text, key: optionalText, optional: optionalFlag }))

const fieldReference = atomic(struct({ apiVersion: text, fieldPath: optionalText }))

const envVar = struct({
  name: optionalText,
  value: text,
  valueFrom: struct({
    fieldRef: fieldReference,
    resourceFieldRef: atomic(struct({ containerName: text, resource: optionalText, divisor: quantity })),
    configMapKeyRef: keyReference,
    secretKeyRef: keyReference,
    fileKeyRef: atomic(struct({ volumeName: text, path: text, key: text, optional: optionalFlag }))
  })
})

const resources = {
  limits: mapOf(quantity),
  requests: mapOf(quantity),
  claims: listBy(struct({ name: optionalText, request: text }), 'name')
}

const handler = {
  exec: struct({ command: list(optionalText) }),
  httpGet: struct({
    path: text,
    port: intOrString,
    host: text,
    scheme: text,
    httpHeaders: list(struct({ name: optionalText, value: optionalText }))
  }),
  tcpSocket: struct({ port: intOrString, host: text })
}

const probe = struct({
  ...handler,
  grpc: struct({ port: integer, service: optionalText }),
  initialDelaySeconds: integer,
  timeoutSeconds: integer,
  periodSeconds: integer,
  successThreshold: integer,
  failureThreshold: integer,
  terminationGracePeriodSeconds: optionalInteger
})

const lifecycleHandler = struct({ ...handler, sleep: struct({ seconds: optionalInteger }) })

const seccompProfile = struct({ type: optionalText, localhostProfile: optionalText })
const seLinuxOptions = struct({ user: text, role: text, type: text, level: text })
const appArmorProfile = struct({ type: optionalText, localhostProfile: optionalText })

const container = struct({
  name: optionalText,
  image: text,
  command: list(optionalText),
  args: list(optionalText),
  workingDir: text,
  ports: listBy(struct({ name: text, hostPort: integer, containerPort: optionalInteger, protocol: text, hostIP: text }), 'containerPort', 'protocol'),
  envFrom: list(struct({
    prefix: text,
    configMapRef: struct({ name: text, optional: optionalFlag }),
    secretRef: struct({ name: text, optional: optionalFlag })
  })),
  env: listBy(envVar, 'name'),
  resources: always(resources),
  resizePolicy: list(struct({ resourceName: optionalText, restartPolicy: optionalText })),
  restartPolicy: optionalText,
  volumeMounts: listBy(struct({
    name: optionalText,
    readOnly: flag,
    recursiveReadOnly: optionalText,
    mountPath: optionalText,
    subPath: text,
    mountPropagation: optionalText,
    subPathExpr: text
  }), 'mountPath'),
  volumeDevices: listBy(struct({ name: optionalText, devicePath: optionalText }), 'devicePath'),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: struct({ postStart: lifecycleHandler, preStop: lifecycleHandler, stopSignal: optionalText }),
  terminationMessagePath: text,
  terminationMessagePolicy: text,
  imagePullPolicy: text,
  securityContext: struct({
    capabilities: struct({ add: list(optionalText), drop: list(optionalText) }),
    privileged: optionalFlag,
    seLinuxOptions,
    windowsOptions: anything,
    runAsUser: optionalInteger,
    runAsGroup: optionalInteger,
    runAsNonRoot: optionalFlag,
    readOnlyRootFilesystem: optionalFlag,
    allowPrivilegeEscalation: optionalFlag,
    procMount: optionalText,
    seccompProfile,
    appArmorProfile
  }),
  stdin: flag,
  stdinOnce: flag,
  tty: flag
})

const keyToPath = struct({ key: optionalText, path: optionalText, mode: optionalInteger })
const downwardItems = list(struct({ path: optionalText, fieldRef: fieldReference, resourceFieldRef: anything, mode: optionalInteger }))

const volume = struct({
  name: optionalText,
  hostPath: struct({ path: optionalText, type: optionalText }),
  emptyDir: struct({ medium: text, sizeLimit: quantity }),
  secret: struct({ secretName: text, items: list(keyToPath), defaultMode: optionalInteger, optional: optionalFlag }),
  configMap: struct({ name: text, items: list(keyToPath), defaultMode: optionalInteger, optional: optionalFlag }),
  downwardAPI: struct({ items: downwardItems, defaultMode: optionalInteger }),
  projected: struct({
    sources: list(struct({
      secret: struct({ name: text, items: list(keyToPath), optional: optionalFlag }),
      configMap: struct({ name: text, items: list(keyToPath), optional: optionalFlag }),
      downwardAPI: struct({ items: downwardItems }),
      serviceAccountToken: struct({ audience: text, expirationSeconds: optionalInteger, path: optionalText }),
      clusterTrustBundle: anything
    })),
    defaultMode: optionalInteger
  }),
  persistentVolumeClaim: struct({ claimName: optionalText, readOnly: flag }),
  csi: anything,
  ephemeral: anything,
  nfs: anything,
  image: anything
})

const podSpec = always({
  volumes: listBy(volume, 'name'),
  initContainers: listBy(container, 'name'),
  containers: listBy(container, 'name'),
  restartPolicy: text,
  terminationGracePeriodSeconds: optionalInteger,
  activeDeadlineSeconds: optionalInteger,
  dnsPolicy: text,
  nodeSelector: atomic(mapOf(optionalText)),
  serviceAccountName: text,
  serviceAccount: text,
  automountServiceAccountToken: optionalFlag,
  nodeName: text,
  hostNetwork: flag,
  hostPID: flag,
  hostIPC: flag,
  shareProcessNamespace: optionalFlag,
  securityContext: struct({
    seLinuxOptions,
    windowsOptions: anything,
    runAsUser: optionalInteger,
    runAsGroup: optionalInteger,
    runAsNonRoot: optionalFlag,
    supplementalGroups: list(optionalInteger),
    supplementalGroupsPolicy: optionalText,
    fsGroup: optionalInteger,
    sysctls: list(struct({ name: optionalText, value: optionalText })),
    fsGroupChangePolicy: optionalText,
    seccompProfile,
    appArmorProfile,
    seLinuxChangePolicy: optionalText
  }),
  imagePullSecrets: listBy(atomic(struct({ name: text })), 'name'),
  hostname: text,
  subdomain: text,
  affinity: anything,
  schedulerName: text,
  tolerations: list(struct({ key: text, operator: text, value: text, effect: text, tolerationSeconds: optionalInteger })),
  hostAliases: listBy(struct({ ip: optionalText, hostnames: list(optionalText) }), 'ip'),
  priorityClassName: text,
  priority: optionalInteger,
  dnsConfig: anything,
  readinessGates: list(struct({ conditionType: optionalText })),
  runtimeClassName: optionalText,
  enableServiceLinks: optionalFlag,
  preemptionPolicy: optionalText,
  overhead: mapOf(quantity),
  topologySpreadConstraints: listBy(struct({
    maxSkew: optionalInteger,
    topologyKey: optionalText,
    whenUnsatisfiable: optionalText,
    labelSelector,
    minDomains: optionalInteger,
    nodeAffinityPolicy: optionalText,
    nodeTaintsPolicy: optionalText,
    matchLabelKeys: list(optionalText)
  }), 'topologyKey', 'whenUnsatisfiable'),
  setHostnameAsFQDN: optionalFlag,
  os: struct({ name: optionalText }),
  hostUsers: optionalFlag,
  schedulingGates: listBy(struct({ name: optionalText }), 'name'),
  resourceClaims: listBy(anything, 'name'),
  resources: struct(resources)
})

export const deploymentSchema: Struct = struct({
  apiVersion: text,
  kind: text,
  metadata: objectMeta,
  spec: always({
    replicas: optionalInteger,
    selector: labelSelector,
    template: always({ metadata: objectMeta, spec: podSpec }),
    strategy: always({ type: text, rollingUpdate: struct({ maxUnavailable: intOrString, maxSurge: intOrString }) }),
    minReadySeconds: integer,
    revisionHistoryLimit: optionalInteger,
    paused: flag,
    progressDeadlineSeconds: optionalInteger
  }),
  status: always({
    observedGeneration: integer,
    replicas: integer,
    updatedReplicas: integer,
    readyReplicas: integer,
    availableReplicas: integer,
    unavailableReplicas: integer,
    terminatingReplicas: optionalInteger,
    conditions: listBy(struct({
      type: optionalText,
      status: optionalText,
      lastUpdateTime: optionalText,
      lastTransitionTime: optionalText,
      reason: text,
      message: text
    }), 'type'),
    collisionCount: optionalInteger
  })
})

/** An empty Deployment: the zero value in Go. */
export const emptyDeployment = {
  metadata: {},
  spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
  status: {}
}
