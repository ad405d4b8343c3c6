/**
 * The pipeline bench: Jenkinsfiles run by Jenkins' own interpreter of Groovy (groovy-cps) against the real step classes.
 * Steps are found by function name among the extensions in the annotation index and filled through data binding;
 * programs are saved at every step boundary by JBoss Marshalling, builds, actions and configuration by XStream.
 *
 * <p>What differs from Jenkins, knowingly:
 *
 * <ul>
 *   <li>{@link io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun#kill} ends a controller at the next step boundary, without saving
 *       anything more. Extensions, builds and programs are made anew from disk; a step context of the earlier life is
 *       deaf. Static fields survive, since the JVM does: what belongs to a process has to be ended by a
 *       {@code @Terminator}, which is run on a kill too.
 *   <li>A program that cannot be saved fails its build, with the way to what is not serialisable; Jenkins only logs it.
 *   <li>There is one agent, this machine; its shell steps outlive a kill, as durable tasks do.
 *   <li>Declarative knows the directives of Jenkins that need no other plugin; others are errors with their line.
 * </ul>
 */
package io.jenkins.plugins.ephemeral.bench.pipeline;
