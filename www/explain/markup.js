/** What the tour looks like. */

const style = new URL("./style.css", import.meta.url);

export const markup = /* HTML */ `
    <link rel="stylesheet" href="${style}" />
    <div id="tour" hidden>
        <div class="guide">
            <canvas id="tour-face" role="img" aria-labelledby="tour-title"></canvas>
            <p id="tour-title"></p>
            <button type="button" id="tour-take" data-i18n="tour.take"></button>
        </div>
        <section class="chapter" aria-labelledby="flow-title">
            <h3 id="flow-title" tabindex="-1" data-i18n="flow.title"></h3>
            <p data-i18n="flow.text"></p>
            <div class="live">
                <div class="way">
                    <canvas id="flow-picture" role="img" aria-labelledby="flow-where"></canvas>
                    <svg id="flow-plot" role="img"></svg>
                </div>
                <label class="steps"
                    ><span data-i18n="flow.where"></span>
                    <input id="flow-step" type="range" min="0" value="0" />
                    <output id="flow-where" for="flow-step"></output
                ></label>
                <dl id="flow-numbers"></dl>
                <p id="flow-width" class="hint"></p>
            </div>
        </section>
        <section class="chapter" aria-labelledby="coupling-title">
            <h3 id="coupling-title" data-i18n="coupling.title"></h3>
            <p id="coupling-text"></p>
            <div class="live">
                <label class="steps"
                    ><span data-i18n="tour.choose"></span>
                    <input id="coupling-step" type="range" min="1" value="1" />
                    <output for="coupling-step"></output
                ></label>
                <div id="coupling-pictures" class="four">
                    <figure>
                        <canvas id="coupling-passes" role="img" aria-labelledby="coupling-passes-name"></canvas>
                        <figcaption id="coupling-passes-name" data-i18n="coupling.passes"></figcaption>
                    </figure>
                    <figure>
                        <canvas id="coupling-before" role="img" aria-labelledby="coupling-before-name"></canvas>
                        <figcaption id="coupling-before-name" data-i18n="coupling.before"></figcaption>
                    </figure>
                    <figure>
                        <canvas id="coupling-change" role="img" aria-labelledby="coupling-change-name"></canvas>
                        <figcaption id="coupling-change-name" data-i18n="coupling.change"></figcaption>
                    </figure>
                    <figure>
                        <canvas id="coupling-after" role="img" aria-labelledby="coupling-after-name"></canvas>
                        <figcaption id="coupling-after-name" data-i18n="coupling.after"></figcaption>
                    </figure>
                </div>
                <p id="coupling-numbers"></p>
            </div>
        </section>
        <section class="chapter" aria-labelledby="matrix-title">
            <h3 id="matrix-title" data-i18n="matrix.title"></h3>
            <p data-i18n="matrix.text"></p>
            <div class="live">
                <label class="steps"
                    ><span data-i18n="tour.choose"></span>
                    <input id="matrix-step" type="range" min="1" value="1" />
                    <output for="matrix-step"></output
                ></label>
                <figure>
                    <canvas id="matrix" role="img" aria-labelledby="matrix-legend"></canvas>
                    <figcaption id="matrix-legend"></figcaption>
                </figure>
                <p id="matrix-numbers"></p>
                <p id="matrix-fixed" class="hint" data-i18n="matrix.fixed"></p>
            </div>
        </section>
        <section class="chapter" aria-labelledby="scales-title">
            <h3 id="scales-title" data-i18n="scales.title"></h3>
            <p data-i18n="scales.text"></p>
            <div class="live">
                <ol id="scales"></ol>
                <div class="buttons">
                    <button type="button" id="scales-again" data-i18n="scales.again"></button>
                </div>
            </div>
        </section>
        <section class="chapter" aria-labelledby="temperature-title">
            <h3 id="temperature-title" data-i18n="temperature.title"></h3>
            <p data-i18n="temperature.text"></p>
            <div class="live">
                <ol id="temperatures" class="four"></ol>
                <div class="buttons">
                    <button type="button" id="temperature-noise" data-i18n="temperature.noise"></button>
                </div>
            </div>
        </section>
        <section class="chapter" aria-labelledby="prior-title">
            <h3 id="prior-title" data-i18n="prior.title"></h3>
            <p data-i18n="prior.text"></p>
            <div class="live">
                <p data-i18n="prior.invented"></p>
                <p><a href="#photo" data-i18n="prior.try"></a></p>
            </div>
        </section>
        <section class="chapter" aria-labelledby="read-title">
            <h3 id="read-title" data-i18n="read.title"></h3>
            <ul>
                <li>
                    <a href="https://arxiv.org/abs/1410.8516" rel="noopener">NICE</a>
                    <span data-i18n="read.nice"></span>
                </li>
                <li>
                    <a href="https://arxiv.org/abs/1605.08803" rel="noopener">RealNVP</a>
                    <span data-i18n="read.realnvp"></span>
                </li>
                <li>
                    <a href="https://arxiv.org/abs/1807.03039" rel="noopener">Glow</a>
                    <span data-i18n="read.glow"></span>
                </li>
                <li>
                    <a href="https://arxiv.org/abs/1905.11672" rel="noopener">Asim et al.</a>
                    <span data-i18n="read.asim"></span>
                </li>
                <li>
                    <a href="https://openai.com/index/glow/" rel="noopener" data-i18n="read.article"></a>
                    <span data-i18n="read.openai"></span>
                </li>
            </ul>
        </section>
    </div>
`;
