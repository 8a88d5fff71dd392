/** What is answered to a flag that other programs have and this one does not. */
export interface Habit {
  /** Spellings, without dashes and in small letters. */
  readonly names: ReadonlyArray<string>
  /** How it is done here, as the rest of a sentence. */
  readonly answer: string
  /** The commands that it is done by; all if left out. */
  readonly of?: ReadonlyArray<string>
  /** The commands on which it is the answer; all if left out. The first entry that fits is taken. */
  readonly on?: ReadonlyArray<string>
}

const names = (text: string): ReadonlyArray<string> => text.split(" ")

const training = ["train"]
const drawing = ["sample", "evaluate", "windows"]
const fromCheckpoints = ["sample", "evaluate", "windows", "export"]

/** Flags that people type by habit. */
export const flagHabits: ReadonlyArray<Habit> = [
  {
    names: names(
      "resume continue resumefrom checkpoint checkpointpath ckpt ckptpath load loadfrom initfrom pretrained"
    ),
    on: ["train", "reproduce"],
    answer: "a run goes on by itself: give the same command with the same --out"
  },
  {
    names: names("ckpt ckptpath checkpointpath model modelpath weights network pkl load run resume i input path dir"),
    of: fromCheckpoints,
    on: [...fromCheckpoints, "replay", "report", "verify", "doctor"],
    answer: "use --checkpoint RUN"
  },
  {
    names: names("device gpu gpus gpuid cuda nocuda cpu mps tpu accelerator usegpu engine provider"),
    answer: "use --backend NAME; fovea doctor lists what is there"
  },
  {
    names: names("lr lrg lrd glr dlr stepsize learnrate alpha"),
    of: training,
    answer: "use --learning-rate NUMBER; of one player: --set training.generatorOptimizer.learningRate=NUMBER"
  },
  {
    names: names("batch bs b minibatch nbatch trainbatchsize perdevicetrainbatchsize"),
    of: training,
    answer: "use --batch-size N"
  },
  {
    names: names("numepochs nepochs nepoch maxepochs maxepoch numtrainepochs epoch e"),
    of: training,
    answer: "use --epochs N"
  },
  {
    names: names(
      "steps step iters iter iterations maxsteps maxstep numsteps nsteps totalsteps trainsteps niter niters maxiter maxiters numiterations kimg totalkimg"
    ),
    of: training,
    answer: "use --updates N"
  },
  {
    names: names(
      "data datadir dataroot datapath datafolder traindir traindata trainset images imagesdir input inputdir i path dir folder"
    ),
    of: ["train", "evaluate", "reproduce"],
    answer: "use --dataset folder:PATH"
  },
  {
    names: names(
      "output o outdir outputdir outputpath outputfile outfile savedir savepath resultsdir logdir workdir expdir rundir name expname runname"
    ),
    answer: "use --out PATH"
  },
  {
    names: names("workers numworkers threads numthreads nthreads j jobs nproc numproc"),
    of: training,
    answer: "images are read once and kept, without workers; --shards N divides a batch among threads"
  },
  {
    names: names("verbose v vv debug loglevel progress"),
    answer:
      "the course is always shown, and log.jsonl in the run's folder holds its numbers; more of the inside: --log-level debug"
  },
  { names: names("silent q noprogress"), of: ["train", "reproduce"], answer: "use --quiet" },
  {
    names: names("wandb wandbproject mlflow comet neptune tb logger logwith reportto tensorboarddir"),
    of: ["train", "reproduce"],
    answer: "use --tensorboard, or OTEL_EXPORTER_OTLP_ENDPOINT of the environment; log.jsonl is always written"
  },
  {
    names: names("n num number numsamples nsamples samples numimages nimages amount seeds many"),
    of: drawing,
    answer: "use --count N"
  },
  {
    names: names("fp16 bf16 fp32 amp half mixedprecision precision dtype tf32"),
    answer: "there is no choice: numbers are float32 everywhere"
  },
  {
    names: names("force f overwrite clobber existok yes y restart fresh scratch"),
    answer: "no run is ever overwritten: name another folder by --out, or remove the old one yourself"
  },
  {
    names: names("imagesize imgsize imsize imagesizes resolution res height width h w resize shape"),
    of: training,
    answer: "use --size ROWSxCOLUMNS (for a folder of images), with --crop"
  },
  { names: names("zdim nz zsize latentdim latentsize noisedim"), of: training, answer: "use --set model.latentSize=N" },
  {
    names: names("hidden hiddensize hiddendim units dim ngf ndf nf"),
    of: training,
    answer: "use --set model.units=N"
  },
  { names: names("glimpses timesteps t"), of: training, answer: "use --set model.glimpses=N" },
  { names: names("filters readsize writesize"), of: training, answer: "use --set model.filters=N" },
  {
    names: names("beta1 b1 beta2 b2 betas adambeta1 adambeta2 momentum eps epsilon optimizer opt optim weightdecay wd"),
    of: training,
    answer: "use --set training.generatorOptimizer.beta1=NUMBER and the like; --print-settings shows every field"
  },
  { names: names("ema emadecay emabeta average"), of: training, answer: "use --set training.averageDecay=0.999" },
  {
    names: names("gp r1 r1gamma gamma gradientpenalty lambdagp"),
    of: training,
    answer: "use --set training.gradientPenalty=5"
  },
  {
    names: names(
      "saveevery saveinterval savefreq savesteps snap snapshot snapshotinterval checkpointevery checkpointinterval checkpointfreq ckptevery"
    ),
    of: training,
    answer: "use --set reporting.checkpointEveryEpochs=N"
  },
  {
    names: names("logevery loginterval logfreq logsteps loggingsteps printevery printfreq"),
    of: training,
    answer: "use --set reporting.logEveryUpdates=N"
  },
  {
    names: names("sampleevery sampleinterval samplefreq evalevery evalinterval evalsteps pictureevery"),
    of: training,
    answer: "use --figures and --set reporting.picturesEveryEpochs=N"
  },
  { names: names("manualseed randomseed randomstate rngseed s"), answer: "use --seed N" },
  {
    names: names("mirror flip hflip xflip horizontalflip randomflip augment aug augmentation augs ada"),
    of: training,
    answer: "use --set dataset.flip=true (for a folder of images): each image is learnt from mirrored as well"
  },
  {
    names: names("cfg c conf configfile configuration settings opts options hparams hyperparameters params yaml json"),
    of: training,
    answer: "use --config FILE.json, or --set path=value for a field"
  },
  {
    names: names("distributed ddp localrank rank worldsize nodes multigpu dataparallel"),
    of: training,
    answer: "one process trains; --shards N divides a batch among its threads"
  },
  {
    names: names("compile jit xla deterministic benchmark cudnn"),
    answer: "programs are always compiled, and the same --seed gives the same numbers"
  },
  {
    names: names("metric metrics fid kid is inceptionscore prdc"),
    of: ["evaluate"],
    answer: "fovea evaluate takes all measures at once"
  },
  {
    names: names("split valsplit testsplit trainsplit valsize testsize validationsplit valfraction"),
    of: training,
    answer: "use folders train, validation and test, or --set dataset.validation=N and --set dataset.test=N"
  },
  {
    names: names("class classes classidx label labels conditional cond numclasses nclasses"),
    answer: "the models draw without classes"
  },
  {
    names: names("channels grayscale greyscale gray grey rgb colour color"),
    of: training,
    answer: "use --set dataset.channels=grey or colour (for a folder of images)"
  },
  {
    names: names("earlystopping earlystop patience"),
    of: training,
    answer: "use --keep-best METRIC and --on-collapse stop"
  },
  { names: names("clip gradclip clipgrad maxgradnorm gradientclip accumulate gradaccum"), answer: "there is none" },
  { names: names("dry check plan simulate noop"), of: training, answer: "use --dry-run" },
  {
    names: names("printconfig showconfig dumpconfig printsettings showsettings printparams cfgjob"),
    of: training,
    answer: "use --print-settings"
  },
  {
    names: names("keep maxcheckpoints savetotallimit maxtokeep keepcheckpoints"),
    of: training,
    answer: "use --keep-last N"
  },
  {
    names: names("arch architecture net netg model modeltype method algorithm"),
    of: training,
    answer: "use --preset NAME"
  },
  {
    names: names("listpresets presets list"),
    of: ["reproduce"],
    answer: "fovea reproduce --list says what there is to do"
  },
  { names: names("plots plot vis visualize visualise pictures"), of: training, answer: "use --figures" }
]

/** Commands that people type by habit. */
export const commandHabits: ReadonlyArray<Habit> = [
  { names: names("help man usage"), answer: "use fovea --help, or fovea COMMAND --help" },
  { names: names("version"), answer: "use fovea --version" },
  { names: names("resume continue"), answer: "fovea train goes on by itself where the same --out holds a run" },
  { names: names("fit run start learn trainer"), answer: "use fovea train" },
  { names: names("generate gen draw infer inference predict synthesize synthesise"), answer: "use fovea sample" },
  { names: names("eval test score measure metrics fid benchmark validate"), answer: "use fovea evaluate" },
  { names: names("profile cost flops summary inspect"), answer: "use fovea explain, with --profile for times" },
  { names: names("check fsck"), answer: "use fovea verify RUN, or fovea doctor for the backends" },
  { names: names("list ls status presets"), answer: "use fovea reproduce --list, or fovea verify RUN" },
  { names: names("convert onnx save"), answer: "use fovea export" },
  { answer: "use fovea import --parameters FILE --like RUN --out FOLDER", names: names("load") },
  { names: names("devices gpus info env backends"), answer: "use fovea doctor" },
  { names: names("config settings"), answer: "use fovea train --print-settings" },
  { names: names("board dashboard ui serve monitor tensorboard"), answer: "use fovea watch" },
  { names: names("figures plot"), answer: "use fovea train --figures" }
]
