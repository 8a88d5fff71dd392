/** What is answered to a flag or a command that other programs have and this one does not. */
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

/** A line for each: spellings, where need be `on` and `of` with their commands, and the answer, with `|` between them. */
const habitsOf = (table: string): ReadonlyArray<Habit> =>
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [names = "", ...rest] = line.split(" | ")
      const listed = (key: string) =>
        rest
          .find((part) => part.startsWith(`${key} `))
          ?.split(" ")
          .slice(1)
      const [on, of] = [listed("on"), listed("of")]
      return { names: names.split(" "), answer: rest.at(-1) ?? "", ...(on && { on }), ...(of && { of }) }
    })

/** Flags that people type by habit. */
export const flagHabits = habitsOf(`
module script file program entry recipe | on train explain | name the module without a flag: ./mine.ts
resume continue resumefrom checkpoint checkpointpath ckpt ckptpath load loadfrom initfrom pretrained | on train reproduce | a run goes on by itself: give the same command with the same --out
ckpt ckptpath checkpointpath model modelpath weights network pkl load run resume i input path dir | on sample evaluate windows export replay report verify doctor | of sample evaluate windows export | use --checkpoint RUN
device gpu gpus gpuid cuda nocuda cpu mps tpu accelerator usegpu engine provider | use --backend NAME; fovea doctor lists what is there
lr lrg lrd glr dlr stepsize learnrate alpha | of train | use --learning-rate NUMBER; of one player: --set training.generatorOptimizer.learningRate=NUMBER
batch bs b minibatch nbatch trainbatchsize perdevicetrainbatchsize | of train | use --batch-size N
numepochs nepochs nepoch maxepochs maxepoch numtrainepochs epoch e | of train | use --epochs N
steps step iters iter iterations maxsteps maxstep numsteps nsteps totalsteps trainsteps niter niters maxiter maxiters numiterations kimg totalkimg | of train | use --updates N
data datadir dataroot datapath datafolder traindir traindata trainset images imagesdir input inputdir i path dir folder | of train evaluate reproduce | use --dataset folder:PATH
output o outdir outputdir outputpath outputfile outfile savedir savepath resultsdir logdir workdir expdir rundir name expname runname | use --out PATH
workers numworkers threads numthreads nthreads j jobs nproc numproc | of train | images are read once and kept, without workers; --shards N divides a batch among threads
verbose v vv debug loglevel progress | the course is always shown, and log.jsonl in the run's folder holds its numbers; more of the inside: --log-level debug
silent q noprogress | of train reproduce | use --quiet
wandb wandbproject mlflow comet neptune tb logger logwith reportto tensorboarddir | of train reproduce | use --tensorboard, or OTEL_EXPORTER_OTLP_ENDPOINT of the environment; log.jsonl is always written
n num number numsamples nsamples samples numimages nimages amount seeds many | of sample evaluate windows | use --count N
fp16 bf16 fp32 amp half mixedprecision precision dtype tf32 | there is no choice: numbers are float32 everywhere
force f overwrite clobber existok yes y restart fresh scratch | no run is ever overwritten: name another folder by --out, or remove the old one yourself
imagesize imgsize imsize imagesizes resolution res height width h w resize shape | of train | use --size ROWSxCOLUMNS (for a folder of images), with --crop
zdim nz zsize latentdim latentsize noisedim | of train | use --set model.latentSize=N
hidden hiddensize hiddendim units dim ngf ndf nf | of train | use --set model.units=N
glimpses timesteps t | of train | use --set model.glimpses=N
filters readsize writesize | of train | use --set model.filters=N
beta1 b1 beta2 b2 betas adambeta1 adambeta2 momentum eps epsilon optimizer opt optim weightdecay wd | of train | use --set training.generatorOptimizer.beta1=NUMBER and the like; --print-settings shows every field
ema emadecay emabeta average | of train | use --set training.averageDecay=0.999
gp r1 r1gamma gamma gradientpenalty lambdagp | of train | use --set training.gradientPenalty=5
saveevery saveinterval savefreq savesteps snap snapshot snapshotinterval checkpointevery checkpointinterval checkpointfreq ckptevery | of train | use --set reporting.checkpointEveryEpochs=N
logevery loginterval logfreq logsteps loggingsteps printevery printfreq | of train | use --set reporting.logEveryUpdates=N
sampleevery sampleinterval samplefreq evalevery evalinterval evalsteps pictureevery | of train | use --figures and --set reporting.picturesEveryEpochs=N
manualseed randomseed randomstate rngseed s | use --seed N
mirror flip hflip xflip horizontalflip randomflip augment aug augmentation augs ada | of train | use --set dataset.flip=true (for a folder of images): each image is learnt from mirrored as well
cfg c conf configfile configuration settings opts options hparams hyperparameters params yaml json | of train | use --config FILE.json, or --set path=value for a field
distributed ddp localrank rank worldsize nodes multigpu dataparallel | of train | one process trains; --shards N divides a batch among its threads
compile jit xla deterministic benchmark cudnn | programs are always compiled, and the same --seed gives the same numbers
metric metrics fid kid is inceptionscore prdc | of evaluate | fovea evaluate takes all measures at once
split valsplit testsplit trainsplit valsize testsize validationsplit valfraction | of train | use folders train, validation and test, or --set dataset.validation=N and --set dataset.test=N
class classes classidx label labels conditional cond numclasses nclasses | the models draw without classes
channels grayscale greyscale gray grey rgb colour color | of train | use --set dataset.channels=grey or colour (for a folder of images)
earlystopping earlystop patience | of train | use --keep-best METRIC and --on-collapse stop
clip gradclip clipgrad clipnorm maxgradnorm gradientclip | of train | use --set training.generatorOptimizer.maxGradientNorm=5 and the like; --print-settings shows every field
accumulate gradaccum | there is none
dry check plan simulate noop | of train | use --dry-run
printconfig showconfig dumpconfig printsettings showsettings printparams cfgjob | of train | use --print-settings
keep maxcheckpoints savetotallimit maxtokeep keepcheckpoints | of train | use --keep-last N
arch architecture net netg model modeltype method algorithm | of train | use --preset NAME
listpresets presets list | of reproduce | fovea reproduce --list says what there is to do
plots plot vis visualize visualise pictures | of train | use --figures
`)

/** Commands that people type by habit. */
export const commandHabits = habitsOf(`
help man usage | use fovea --help, or fovea COMMAND --help
version | use fovea --version
resume continue | fovea train goes on by itself where the same --out holds a run
fit run start learn trainer | use fovea train
generate gen draw infer inference predict synthesize synthesise | use fovea sample
eval test score measure metrics fid benchmark validate | use fovea evaluate
profile cost flops summary inspect | use fovea explain, with --profile for times
check fsck | use fovea verify RUN, or fovea doctor for the backends
list ls status presets | use fovea reproduce --list, or fovea verify RUN
convert onnx save | use fovea export
load | use fovea import --parameters FILE --like RUN --out FOLDER
devices gpus info env backends | use fovea doctor
config settings | use fovea train --print-settings
board dashboard ui serve monitor tensorboard | use fovea watch
figures plot | use fovea train --figures
`)
