/** 简体中文：原理。 */
export default {
    "explain.ready": "五章已就绪。",

    "tour.face": "用来讲解的是：{face}",
    "tour.take": "改用选中的脸",
    "tour.choose": "选择一步",
    "tour.step": "第 {step} 步（共 {steps} 步）：第 {level} 层，{size}",

    "flow.title": "1. 流：从图片到噪声，再回来",
    "flow.text":
        "在模型眼里，图片是一长串数字。流一步一步地改变它们，而每一步都可以撤回。训练的目标，是让照片的数字最终看起来像是从钟形曲线里随机抽出来的；因此，从钟形曲线里抽一串数字，再把各步倒着走一遍，就得到一张新的脸。对数行列式累计各步把空间拉伸了多少：它与钟形曲线一起，说明这张图的概率有多大。",
    "flow.where": "逐步移动",
    "flow.start": "{steps} 步尚未开始：像素",
    "flow.end": "{steps} 步全部完成：噪声",
    "flow.plot": "全部 {count} 个数字的柱状图：其面积的 {share} 在钟形曲线之下",
    "flow.overlap": "在钟形曲线之下",
    "flow.logdet": "至此的对数行列式",
    "flow.cost": "若流到此为止，这张图的代价",
    "flow.cool": "这张脸是在温度 {temperature} 下画的，所用噪声的宽度是曲线的 {temperature} 倍：见第 5 章。",
    "flow.smooth": "模型学得越好，照片就越贴近曲线；平滑的照片会偏窄。",

    "coupling.title": "2. 耦合：一半决定另一半",
    "coupling.text.additive":
        "神经网络没法倒着运行，含有它的一步怎么还能撤回？一半数字原样通过；网络只看这一半，决定给另一半加上什么。要撤回时，再问一次网络：它看到的还是同一半，给出同样的回答，减去即可。",
    "coupling.text.affine":
        "神经网络没法倒着运行，含有它的一步怎么还能撤回？一半数字原样通过；网络只看这一半，决定给另一半加上什么、再乘以什么。要撤回时，再问一次网络：它看到的还是同一半，给出同样的回答，先除后减即可。",
    "coupling.passes": "原样通过",
    "coupling.before": "另一半，之前",
    "coupling.change": "它的变化",
    "coupling.after": "另一半，之后",
    "coupling.numbers":
        "{half} 个数字通过，差异为 {passed}；{half} 个改变。撤回之后，与原来最多相差 {error}：这是 32 位数的舍入误差。",

    "matrix.title": "3. 1×1 卷积：下一次轮到谁通过",
    "matrix.text":
        "如果总是同一半通过，它就永远不会改变。所以每次耦合之前，先用矩阵 W 混合每个像素的各个通道，处处都用同一个 W：这就是只有一个像素大小的卷积。早先的流只改变通道的顺序，Glow 则学出这个矩阵。W 的行列式说明它把空间拉伸了多少，每个像素各算一次。",
    "matrix.legend": "W，{size}：深色为 0，橙色为正，蓝色为负，最大 {most}",
    "matrix.numbers":
        "每个像素的 log|det W| 为 {logDet}；{size} 个像素共给对数行列式贡献 {nats} 奈特，即每维 {bits} 比特。",
    "matrix.fixed": "这个模型的 W 不是学来的：它只改变通道的顺序。",

    "scales.title": "4. 多尺度：先是纹理，后是面容",
    "scales.text":
        "除最后一层外，每一层结束时都有一半数字作为噪声离开流，其余的在更粗的网格上继续。最先离开的第 1 层承载纹理，留到最后的承载整张面容。这里每次只动一层的噪声：把它置零（这是它最可能的值），或者重新抽取。",
    "scales.level": "第 {level} 层：{size} = {count} 个数字",
    "scales.zero": "置零：颜色平均相差 {off}（满值 255）",
    "scales.anew": "重新抽取：颜色平均相差 {off}（满值 255）",
    "scales.again": "重新抽取",

    "temperature.title": "5. 温度：用多少噪声",
    "temperature.text":
        "噪声变成脸之前，先乘以温度：温度为 1 时与钟形曲线一样宽，为 0 时什么也不剩。温度低则干净却平淡：零附近是模型认为最可能的脸，所需比特最少，而且彼此相像；离得越远，脸越各不相同，差错也越多。模型学习的照片带有少许噪声，所以它画出的脸也带颗粒；在有开关的地方，朝它认为更可能的方向走几步，颗粒便消失。",
    "temperature.face": "温度 {temperature}：每维 {bits} 比特",
    "temperature.noise": "换一份噪声",

    "read.title": "延伸阅读",
    "read.nice": "（2014）：加性耦合",
    "read.realnvp": "（2016）：仿射耦合、多尺度",
    "read.glow": "（2018）：1×1 卷积、人脸、温度",
    "read.article": "《Glow》",
    "read.openai": "OpenAI 的文章，附有大幅人脸",
};
