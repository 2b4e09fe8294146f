<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AlsoNotice</name>
    <message>
        <source>The same person as %1: these forms are shown there, and can only be read.</source>
        <translation>与 %1 为同一人：此处的表单显示在该病例册中，仅供查看。</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>Also registered as %1: those forms stand at their visits, with that number, to be read.</source>
        <translation>另以编号 %1 登记：其表单按访视列出并注明该编号，仅供查看。</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并列比较</translation>
    </message>
</context>
<context>
    <name>Amounts</name>
    <message>
        <source>less than a minute left</source>
        <translation>剩余不到一分钟</translation>
    </message>
    <message>
        <source>about %1 min left</source>
        <translation>剩余约 %1 分钟</translation>
    </message>
    <message>
        <source>about %1 h left</source>
        <translation>剩余约 %1 小时</translation>
    </message>
    <message>
        <source>in less than a minute</source>
        <translation>一分钟内</translation>
    </message>
    <message>
        <source>in about %1 min</source>
        <translation>约 %1 分钟后</translation>
    </message>
    <message>
        <source>in about %1 h</source>
        <translation>约 %1 小时后</translation>
    </message>
</context>
<context>
    <name>AttachmentCard</name>
    <message>
        <source>&amp;Name of the file</source>
        <translation>文件名称(&amp;N)</translation>
    </message>
    <message>
        <source>As everybody who opens this form will see it.</source>
        <translation>所有打开本表单的人员都会看到此名称。</translation>
    </message>
    <message>
        <source>About “%1” only</source>
        <translation>仅针对“%1”</translation>
    </message>
    <message>
        <source>Attach to this form</source>
        <translation>附加到本表单</translation>
    </message>
    <message>
        <source>Attach the file to this form</source>
        <translation>将文件附加到本表单</translation>
    </message>
    <message>
        <source>Do not attach (Esc)</source>
        <translation>不附加（Esc）</translation>
    </message>
    <message>
        <source>Do not attach the file</source>
        <translation>不附加该文件</translation>
    </message>
    <message>
        <source>What is to be attached: %1</source>
        <translation>将附加的文件：%1</translation>
    </message>
    <message>
        <source>The PDF is kept as it is: %1. It is sealed to the site.</source>
        <translation>PDF 按原样保存：%1，仅本中心可解密。</translation>
    </message>
    <message>
        <source>The scan of %1 pages is kept as it is: %2. It is sealed to the site.</source>
        <translation>共 %1 页的扫描件按原样保存：%2，仅本中心可解密。</translation>
    </message>
    <message>
        <source>Kept as a photo of %1 × %2 pixels (at most %3 along its longer edge), %4, sealed to the site. Where it was taken and by which camera is left out; the original stays where it is and is not kept here.</source>
        <translation>保存为 %1 × %2 像素的照片（长边最多 %3 像素），%4，仅本中心可解密。拍摄地点和相机信息不予保存；原图留在原处，此处不保存。</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>请填写名称。</translation>
    </message>
</context>
<context>
    <name>AttachmentViewer</name>
    <message>
        <source>Save a copy…</source>
        <translation>另存副本…</translation>
    </message>
    <message>
        <source>Save a copy to a file</source>
        <translation>将副本保存为文件</translation>
    </message>
    <message>
        <source>Show smaller</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Show larger</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Show all of it</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>The attachment</source>
        <translation>附件内容</translation>
    </message>
    <message>
        <source>Pages of the attachment</source>
        <translation>附件页面</translation>
    </message>
    <message>
        <source>Page %1 of %2</source>
        <translation>第 %1 页，共 %2 页</translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message>
        <source>Taken out of the record</source>
        <translation>已从记录中移除</translation>
    </message>
    <message>
        <source>At the server; comes with the next exchange</source>
        <translation>在服务器上；下次同步时传到本机</translation>
    </message>
    <message>
        <source>At the server, not here yet</source>
        <translation>在服务器上，尚未传到本机</translation>
    </message>
    <message>
        <source>Parts are missing on this laptop</source>
        <translation>本机缺少部分内容</translation>
    </message>
    <message>
        <source>Still on laptop %1, %2 % at the server</source>
        <translation>仍在 %1 号电脑上，已上传 %2 %</translation>
    </message>
    <message>
        <source>Here and at the server</source>
        <translation>本机和服务器均有</translation>
    </message>
    <message>
        <source>Here; %1 % at the server</source>
        <translation>在本机；已上传 %1 %</translation>
    </message>
    <message>
        <source>Only on this laptop</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>%1, struck through: %2</source>
        <translation>%1，已划除：%2</translation>
    </message>
    <message>
        <source>%1, held</source>
        <translation>%1，暂挂</translation>
    </message>
</context>
<context>
    <name>AttachmentsPage</name>
    <message>
        <source>Attach a file…</source>
        <translation>附加文件…</translation>
    </message>
    <message>
        <source>Attach a photo, a scan or a PDF</source>
        <translation>附加照片、扫描件或 PDF</translation>
    </message>
    <message>
        <source>Paste a picture</source>
        <translation>粘贴图片</translation>
    </message>
    <message>
        <source>Attach the picture on the clipboard</source>
        <translation>附加剪贴板中的图片</translation>
    </message>
    <message>
        <source>Attachments of this form</source>
        <translation>本表单的附件</translation>
    </message>
    <message>
        <source>Strike through…</source>
        <translation>划除…</translation>
    </message>
    <message>
        <source>Strike this attachment through</source>
        <translation>划除该附件</translation>
    </message>
    <message>
        <source>Take out of the record…</source>
        <translation>从记录中移除…</translation>
    </message>
    <message>
        <source>Take this attachment out of the record</source>
        <translation>将该附件从记录中移除</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Nothing is attached to this form yet.</source>
        <translation>本表单尚无附件。</translation>
    </message>
    <message>
        <source>Photos, scans and PDFs can also be dropped here or pasted (Ctrl+V).</source>
        <translation>也可将照片、扫描件和 PDF 拖放到此处或粘贴（Ctrl+V）。</translation>
    </message>
    <message>
        <source>Attached on laptop %1</source>
        <translation>在 %1 号电脑上附加</translation>
    </message>
    <message>
        <source>struck through by %1: %2</source>
        <translation>由 %1 划除：%2</translation>
    </message>
    <message>
        <source>It was taken out of the record and can be opened nowhere.</source>
        <translation>已从记录中移除，任何地方均无法打开。</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>This file cannot be shown here. Save a copy and open it with another program.</source>
        <translation>此文件无法在此显示。请另存副本后用其他程序打开。</translation>
    </message>
    <message>
        <source>Attach a file</source>
        <translation>附加文件</translation>
    </message>
    <message>
        <source>Reading the file…</source>
        <translation>正在读取文件…</translation>
    </message>
    <message>
        <source>pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>%1 is attached and kept on this laptop.</source>
        <translation>已附加 %1，并保存在本机。</translation>
    </message>
    <message>
        <source>The same file is attached to this form already.</source>
        <translation>本表单已附有同一文件。</translation>
    </message>
    <message>
        <source>Why is “%1” struck through? It stays readable.</source>
        <translation>为何划除“%1”？划除后仍可查看。</translation>
    </message>
    <message>
        <source>Strike through</source>
        <translation>划除</translation>
    </message>
    <message>
        <source>It is struck through, with the reason.</source>
        <translation>已划除并记录原因。</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>另存副本</translation>
    </message>
    <message>
        <source>A copy was saved as %1; the record says so. It is not protected there.</source>
        <translation>已另存为 %1，并记入稽查轨迹。该副本不受保护。</translation>
    </message>
</context>
<context>
    <name>AuditPage</name>
    <message>
        <source>Audit trail</source>
        <translation>稽查轨迹</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>What was done</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Lines %1 to %2 of %3, the newest first.</source>
        <translation>第 %1 至 %2 行，共 %3 行，最新的在前。</translation>
    </message>
    <message>
        <source>Nothing is recorded that fits.</source>
        <translation>没有符合条件的记录。</translation>
    </message>
    <message>
        <source>Time: %1. Record %2.</source>
        <translation>时间：%1。记录 %2。</translation>
    </message>
    <message>
        <source>%1 (laptop %2)</source>
        <translation>%1（电脑 %2）</translation>
    </message>
    <message>
        <source>sealed by %1</source>
        <translation>封存：%1</translation>
    </message>
    <message>
        <source>Reason: %1</source>
        <translation>原因：%1</translation>
    </message>
    <message>
        <source>&amp;Pages to print</source>
        <translation>打印页面(&amp;P)</translation>
    </message>
    <message>
        <source>Show the pages of the audit trail, to print or save them</source>
        <translation>显示稽查轨迹的页面，以便打印或保存</translation>
    </message>
    <message>
        <source>As a &amp;table…</source>
        <translation>导出为表格(&amp;T)…</translation>
    </message>
    <message>
        <source>Write these lines as a table (CSV)</source>
        <translation>将这些行导出为表格（CSV）</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Marks, signatures, documents</source>
        <translation>标记、签名、文件</translation>
    </message>
    <message>
        <source>Queries</source>
        <translation>质疑</translation>
    </message>
    <message>
        <source>Security and people</source>
        <translation>安全与人员</translation>
    </message>
    <message>
        <source>Which acts</source>
        <translation>操作类别</translation>
    </message>
    <message>
        <source>By everybody</source>
        <translation>所有人员</translation>
    </message>
    <message>
        <source>By whom</source>
        <translation>操作人员</translation>
    </message>
    <message>
        <source>&amp;from</source>
        <translation>自(&amp;F)</translation>
    </message>
    <message>
        <source>t&amp;o</source>
        <translation>至(&amp;O)</translation>
    </message>
    <message>
        <source>From this day on</source>
        <translation>自此日起</translation>
    </message>
    <message>
        <source>Up to this day</source>
        <translation>至此日止</translation>
    </message>
    <message>
        <source>entered &amp;late</source>
        <translation>延迟录入(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;clock uncertain</source>
        <translation>时间未核实(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;after a signature</source>
        <translation>签名之后(&amp;A)</translation>
    </message>
    <message>
        <source>Audit trail; Enter opens the form</source>
        <translation>稽查轨迹；按 Enter 打开表单</translation>
    </message>
    <message>
        <source>&amp;Newer</source>
        <translation>较新(&amp;N)</translation>
    </message>
    <message>
        <source>Ol&amp;der</source>
        <translation>较早(&amp;D)</translation>
    </message>
    <message>
        <source>More than %1 hours after the form&apos;s own date</source>
        <translation>晚于表单日期 %1 小时以上</translation>
    </message>
    <message>
        <source>This is no day. Type it as 2026-03-01.</source>
        <translation>日期无效。请按 2026-03-01 的格式输入。</translation>
    </message>
    <message>
        <source>Write the lines as a table</source>
        <translation>导出为表格</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>BackButton</name>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Back: %1</source>
        <translation>返回：%1</translation>
    </message>
    <message>
        <source>Back to where you came from</source>
        <translation>返回上一页</translation>
    </message>
</context>
<context>
    <name>Boards</name>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>核查提示</translation>
    </message>
    <message>
        <source>Where it is</source>
        <translation>存放位置</translation>
    </message>
    <message>
        <source>Of another version of the study: to read</source>
        <translation>属于研究方案定义的其他版本，仅供查看</translation>
    </message>
    <message>
        <source>Entries: %1</source>
        <translation>记录数：%1</translation>
    </message>
    <message>
        <source>%1 hard</source>
        <translation>%1 条硬核查</translation>
    </message>
    <message>
        <source>%1 hard, %2 soft</source>
        <translation>%1 条硬核查，%2 条软核查</translation>
    </message>
    <message>
        <source>%1 soft</source>
        <translation>%1 条软核查</translation>
    </message>
    <message>
        <source>What</source>
        <translation>事项</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>About</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Visit window is open</source>
        <translation>访视时间窗已开放</translation>
    </message>
    <message>
        <source>Visit to come</source>
        <translation>待进行的访视</translation>
    </message>
    <message>
        <source>Visit missed</source>
        <translation>访视缺失</translation>
    </message>
    <message>
        <source>Time has run out</source>
        <translation>时限已过</translation>
    </message>
    <message>
        <source>Clock is running</source>
        <translation>计时中</translation>
    </message>
    <message>
        <source>Not before</source>
        <translation>不得早于</translation>
    </message>
    <message>
        <source>Deviation to classify</source>
        <translation>待分类的方案偏离</translation>
    </message>
    <message>
        <source>Form to finish</source>
        <translation>待完成的表单</translation>
    </message>
    <message>
        <source>until %1</source>
        <translation>%1 止</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>%1 起</translation>
    </message>
    <message>
        <source>closed %1</source>
        <translation>已于 %1 关闭</translation>
    </message>
    <message>
        <source>ended %1</source>
        <translation>已于 %1 截止</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>自 %1</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Item</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>核查结果</translation>
    </message>
    <message>
        <source>hard</source>
        <translation>硬核查</translation>
    </message>
    <message>
        <source>soft</source>
        <translation>软核查</translation>
    </message>
    <message>
        <source>open</source>
        <translation>未处理</translation>
    </message>
    <message>
        <source>confirmed true</source>
        <translation>已确认属实</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Criterion</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>Standing</source>
        <translation>判定</translation>
    </message>
    <message>
        <source>What it says</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>What decides it</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Time limit</source>
        <translation>时限</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>已到期</translation>
    </message>
    <message>
        <source>ends soon</source>
        <translation>即将到期</translation>
    </message>
    <message>
        <source>ends today</source>
        <translation>今日到期</translation>
    </message>
    <message>
        <source>met</source>
        <translation>符合</translation>
    </message>
    <message>
        <source>does not exclude</source>
        <translation>不排除</translation>
    </message>
    <message>
        <source>not met</source>
        <translation>不符合</translation>
    </message>
    <message>
        <source>excludes</source>
        <translation>应排除</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>not entered</source>
        <translation>未录入</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>尚不能确定</translation>
    </message>
    <message>
        <source>Eligible as entered.</source>
        <translation>按录入内容，符合入选资格。</translation>
    </message>
    <message>
        <source>Not eligible as entered.</source>
        <translation>按录入内容，不符合入选资格。</translation>
    </message>
    <message>
        <source>Not yet known to be eligible.</source>
        <translation>尚不能确定是否符合入选资格。</translation>
    </message>
    <message>
        <source>In order: %1. Against: %2. Unknown: %3.</source>
        <translation>符合 %1 条，不符合 %2 条，未知 %3 条。</translation>
    </message>
    <message>
        <source>The first time limit ends %1.</source>
        <translation>最早的时限为 %1。</translation>
    </message>
</context>
<context>
    <name>BundlesPage</name>
    <message>
        <source>Sticks and laptops side by side</source>
        <translation>U 盘与电脑直连</translation>
    </message>
    <message>
        <source>the study&apos;s server</source>
        <translation>研究服务器</translation>
    </message>
    <message>
        <source>laptop %1 (%2)</source>
        <translation>电脑 %1（%2）</translation>
    </message>
    <message>
        <source>Documents on this laptop: %1</source>
        <translation>本机文档文件夹：%1</translation>
    </message>
    <message>
        <source>Stick %1 (%2), %3 free</source>
        <translation>U 盘 %1（%2），剩余 %3</translation>
    </message>
    <message>
        <source>server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>laptop %1</source>
        <translation>电脑 %1</translation>
    </message>
    <message>
        <source>carried</source>
        <translation>已带出</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>已回复</translation>
    </message>
    <message>
        <source>not answered yet</source>
        <translation>尚未回复</translation>
    </message>
    <message>
        <source>%1 left out</source>
        <translation>未含 %1 个</translation>
    </message>
    <message>
        <source>Where there is no network, records travel as files: on a stick, by mail, on a shared folder. A file can be opened by nobody but the one it is for, and may be lost, repeated or late without harm.</source>
        <translation>没有网络时，记录可以以文件形式传递：用 U 盘、邮件或共享文件夹。文件只有接收方能打开；丢失、重复或晚到都不会造成损害。</translation>
    </message>
    <message>
        <source>To a stick</source>
        <translation>写入 U 盘</translation>
    </message>
    <message>
        <source>&amp;For</source>
        <translation>接收方(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Place</source>
        <translation>位置(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Another folder…</source>
        <translation>其他文件夹(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Everything on this laptop, also what the server had (it was set up anew)</source>
        <translation>本机全部记录，包括服务器曾有的记录（服务器已重新建立时）(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Write the bundle</source>
        <translation>写入数据包(&amp;W)</translation>
    </message>
    <message>
        <source>From a stick</source>
        <translation>从 U 盘读取</translation>
    </message>
    <message>
        <source>The server&apos;s answers, and what other laptops of this site wrote for this one. Choose all files of a bundle together.</source>
        <translation>服务器的回复，以及本中心其他电脑写给本机的数据包。请一次选中同一数据包的所有文件。</translation>
    </message>
    <message>
        <source>&amp;Read files…</source>
        <translation>读取文件(&amp;R)…</translation>
    </message>
    <message>
        <source>Bundles written here</source>
        <translation>本机写出的数据包</translation>
    </message>
    <message>
        <source>None yet.</source>
        <translation>暂无。</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>停止(&amp;T)</translation>
    </message>
    <message>
        <source>Writing or reading</source>
        <translation>正在写入或读取</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>写入时间</translation>
    </message>
    <message>
        <source>For</source>
        <translation>接收方</translation>
    </message>
    <message>
        <source>Records</source>
        <translation>记录数</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>What that laptop is not known to have, sealed to it.</source>
        <translation>该电脑可能尚未拥有的记录，加密后只有该电脑能打开。</translation>
    </message>
    <message>
        <source>This laptop does not know yet how to seal a bundle for the server: synchronise once.</source>
        <translation>本机尚未获得给服务器的数据包加密所需的公钥：请先同步一次。</translation>
    </message>
    <message>
        <source>Sealed to the server: everything that it has not confirmed. Records of this laptop that wait: %1.</source>
        <translation>加密后只有服务器能打开：服务器尚未确认的全部记录。本机待确认的记录：%1 条。</translation>
    </message>
    <message>
        <source>With attach&amp;ments: %1, about %2</source>
        <translation>包含附件(&amp;M)：%1 个，约 %2</translation>
    </message>
    <message>
        <source>They stay on this laptop, which is not safe to wipe until a later bundle or synchronisation took them.</source>
        <translation>附件留在本机；在以后的数据包或同步带走它们之前，本机不可清除。</translation>
    </message>
    <message>
        <source>That makes about %1 files, records first, each small enough for a mail. It can take some minutes: without attachments the records alone go at once.</source>
        <translation>约 %1 个文件，记录在先，每个文件都可用邮件发送。可能需要几分钟；不含附件则记录可立即写出。</translation>
    </message>
    <message>
        <source>Bundles to read</source>
        <translation>选择要读取的数据包</translation>
    </message>
    <message>
        <source>Bundles (*.crfb)</source>
        <translation>数据包 (*.crfb)</translation>
    </message>
    <message>
        <source>Folder for the bundle</source>
        <translation>选择数据包的存放文件夹</translation>
    </message>
    <message>
        <source>Writing and checking. Leave the stick in.</source>
        <translation>正在写入并核对，请勿拔出 U 盘。</translation>
    </message>
    <message>
        <source>Reading. Leave the stick in.</source>
        <translation>正在读取，请勿拔出 U 盘。</translation>
    </message>
    <message>
        <source>Waiting for the other laptop.</source>
        <translation>正在等待另一台电脑。</translation>
    </message>
    <message>
        <source>Exchanging with the other laptop.</source>
        <translation>正在与另一台电脑交换。</translation>
    </message>
    <message>
        <source>Waiting for the other laptop. Type there: %1 and %2.</source>
        <translation>正在等待另一台电脑。请在那里输入：%1 和 %2。</translation>
    </message>
</context>
<context>
    <name>CasebookBoards</name>
    <message>
        <source>Casebook: visits across, forms down</source>
        <translation>病例册：横向为访视，纵向为表单</translation>
    </message>
    <message>
        <source>Logs, events and unscheduled forms</source>
        <translation>日志、事件与计划外表单</translation>
    </message>
    <message>
        <source>What is due, the most urgent first</source>
        <translation>待办事项，最紧急者在前</translation>
    </message>
    <message>
        <source>Findings of the checks; Enter leads to the item</source>
        <translation>核查提示；按 Enter 前往该项目</translation>
    </message>
    <message>
        <source>Criteria of eligibility; Enter leads to what decides them</source>
        <translation>入选资格标准；按 Enter 前往其依据</translation>
    </message>
    <message>
        <source>Boards of the casebook</source>
        <translation>病例册的各个页面</translation>
    </message>
    <message>
        <source>&amp;Visits</source>
        <translation>访视(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Logs and events (%1)</source>
        <translation>日志与事件(&amp;L)（%1）</translation>
    </message>
    <message>
        <source>&amp;Logs (%1)</source>
        <translation>日志(&amp;L)（%1）</translation>
    </message>
    <message>
        <source>&amp;Due (%1)</source>
        <translation>待办(&amp;D)（%1）</translation>
    </message>
    <message>
        <source>&amp;Findings (%1)</source>
        <translation>核查提示(&amp;F)（%1）</translation>
    </message>
    <message>
        <source>&amp;Eligibility</source>
        <translation>入选资格(&amp;E)</translation>
    </message>
    <message>
        <source>Nothing is due. Visit windows are counted from randomisation.</source>
        <translation>暂无待办事项。访视时间窗自随机起计算。</translation>
    </message>
    <message>
        <source>No check has found anything.</source>
        <translation>核查未发现问题。</translation>
    </message>
    <message>
        <source>First due: %1</source>
        <translation>最先到期：%1</translation>
    </message>
</context>
<context>
    <name>CasebookGrid</name>
    <message>
        <source>%1, from %2</source>
        <comment>a form; a subject&apos;s number</comment>
        <translation>%1（来自 %2）</translation>
    </message>
    <message>
        <source>window %1 to %2</source>
        <translation>时间窗 %1 至 %2</translation>
    </message>
    <message>
        <source>entered under %1, read only</source>
        <translation>在 %1 名下录入，仅供查看</translation>
    </message>
    <message>
        <source>Findings: %1</source>
        <translation>核查提示：%1</translation>
    </message>
    <message>
        <source>Queries: %1</source>
        <translation>质疑：%1</translation>
    </message>
</context>
<context>
    <name>CasebookPage</name>
    <message>
        <source>Unblinding…</source>
        <translation>揭盲…</translation>
    </message>
    <message>
        <source>Casebook</source>
        <translation>病例册</translation>
    </message>
    <message>
        <source>Queries (%1)</source>
        <translation>质疑（%1）</translation>
    </message>
    <message>
        <source>Queries</source>
        <translation>质疑</translation>
    </message>
    <message>
        <source>Queries of this subject: %1</source>
        <translation>该受试者的质疑：%1</translation>
    </message>
    <message>
        <source>&amp;Add event</source>
        <translation>添加事件(&amp;A)</translation>
    </message>
    <message>
        <source>Event</source>
        <comment>short: add an event</comment>
        <translation>事件</translation>
    </message>
    <message>
        <source>Add a form for an event</source>
        <translation>为一次事件添加表单</translation>
    </message>
    <message>
        <source>&amp;Unscheduled form</source>
        <translation>计划外表单(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Unscheduled</source>
        <comment>short: add an unscheduled form</comment>
        <translation>计划外(&amp;U)</translation>
    </message>
    <message>
        <source>Add an unscheduled form</source>
        <translation>添加计划外表单</translation>
    </message>
    <message>
        <source>&amp;Paper</source>
        <translation>纸质文件(&amp;P)</translation>
    </message>
    <message>
        <source>Preview, sign and print</source>
        <translation>预览、签名和打印</translation>
    </message>
    <message>
        <source>Si&amp;gn</source>
        <translation>签名(&amp;G)</translation>
    </message>
    <message>
        <source>Forms of this subject that await a signature</source>
        <translation>该受试者待签名的表单</translation>
    </message>
    <message>
        <source>Signed documents</source>
        <translation>已签名文件</translation>
    </message>
    <message>
        <source>randomisation %1</source>
        <translation>随机时间 %1</translation>
    </message>
    <message>
        <source>Names and signatures are sealed away: ask a colleague to admit this laptop on their Sync page.</source>
        <translation>姓名与签名已封存，本机无法读取：请同事在其电脑的“同步”页面批准本机。</translation>
    </message>
    <message>
        <source>Some records need a newer version of Casebook. They are kept and passed on.</source>
        <translation>部分记录需要更新版本的 Casebook 才能显示，已妥善保存并会继续传送。</translation>
    </message>
    <message>
        <source>Record %1</source>
        <translation>记录 %1</translation>
    </message>
    <message>
        <source>Two laptops that show the same code hold the same record of this subject.</source>
        <translation>两台电脑显示相同代码，即表示持有该受试者的相同记录。</translation>
    </message>
</context>
<context>
    <name>ConflictPanel</name>
    <message>
        <source>Entered on %1 laptops unseen by each other. Which value counts?</source>
        <translation>在 %1 台电脑上分别录入，录入者互不知情。以哪个值为准？</translation>
    </message>
    <message>
        <source>Taken at one time, and entered on %1 laptops unseen by each other. Which one counts as a whole?</source>
        <translation>同一次测量在 %1 台电脑上分别录入，录入者互不知情。整组以哪一次为准？</translation>
    </message>
    <message>
        <source>Struck out on one laptop and edited on another, unseen by each other. What counts?</source>
        <translation>一台电脑上已划除，另一台电脑上又作了修改，互不知情。以哪个为准？</translation>
    </message>
    <message>
        <source>Marked complete on one laptop, and taken up again on another, unseen by each other. Is it complete?</source>
        <translation>一台电脑上标记为完成，另一台电脑上又重新打开，互不知情。表单是否完成？</translation>
    </message>
    <message>
        <source>Press %1.</source>
        <translation>按 %1 选择。</translation>
    </message>
    <message>
        <source>This one</source>
        <comment>sitting</comment>
        <translation>以此为准</translation>
    </message>
    <message>
        <source>Enter it anew…</source>
        <translation>重新录入…</translation>
    </message>
    <message>
        <source>Another value…</source>
        <translation>录入其他值…</translation>
    </message>
    <message>
        <source>shown meanwhile</source>
        <translation>当前暂显示</translation>
    </message>
    <message>
        <source>Why is it entered anew? Both stay in the history.</source>
        <translation>为何重新录入？两次录入都保留在历史中。</translation>
    </message>
    <message>
        <source>Why does this one count? Every one stays in the history.</source>
        <translation>为何以此为准？所有录入都保留在历史中。</translation>
    </message>
</context>
<context>
    <name>ConsentEnd</name>
    <message>
        <source>%1 item(s) above still need an answer or a correction.</source>
        <translation>上方还有 %1 项需要填写或更正。</translation>
    </message>
    <message>
        <source>Nothing is missing. The document can be signed.</source>
        <translation>内容已齐全，可以签署。</translation>
    </message>
    <message>
        <source>Signed by %1 on %2. Print two copies: one for the participant, one for the file.</source>
        <translation>%1 已于 %2 签署。请打印两份：一份交受试者，一份存档。</translation>
    </message>
    <message>
        <source>The investigator signs</source>
        <translation>研究者签署</translation>
    </message>
    <message>
        <source>Look at the document</source>
        <translation>查看文件</translation>
    </message>
    <message>
        <source>Look at the consent document</source>
        <translation>查看知情同意书</translation>
    </message>
    <message>
        <source>Print two copies…</source>
        <translation>打印两份…</translation>
    </message>
    <message>
        <source>Print two copies</source>
        <translation>打印两份</translation>
    </message>
</context>
<context>
    <name>ConsentPage</name>
    <message>
        <source>Consent form</source>
        <translation>知情同意表单</translation>
    </message>
    <message>
        <source>Back to the consent form</source>
        <translation>返回知情同意表单</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>CrashWindow</name>
    <message>
        <source>Casebook has a fault</source>
        <translation>Casebook 出现故障</translation>
    </message>
    <message>
        <source>Casebook ended unexpectedly last time.</source>
        <translation>Casebook 上次意外退出。</translation>
    </message>
    <message>
        <source>Something went wrong in the program itself.</source>
        <translation>程序本身出现错误。</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>&amp;Start again</source>
        <translation>重新开始(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Copy the report</source>
        <translation>复制报告(&amp;C)</translation>
    </message>
    <message>
        <source>Sa&amp;ve the report…</source>
        <translation>保存报告(&amp;V)…</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>关闭(&amp;L)</translation>
    </message>
    <message>
        <source>Every entry marked as kept is safe on this laptop.</source>
        <translation>所有标记为“已存于本机”的内容均安全地存于本机。</translation>
    </message>
    <message>
        <source>Sign in as usual: that leads back to the form that was open. Look at its last entry.</source>
        <translation>请照常登录，将回到当时打开的表单；请查看其中最后一项录入。</translation>
    </message>
    <message>
        <source>This happened at the same place before. “Start again” asks for your passphrase and begins with what is due today: work elsewhere until this is mended.</source>
        <translation>同一位置此前已出现过此故障。点击“重新开始”并输入密码后，将从今日待办开始；修复之前请先处理其他内容。</translation>
    </message>
    <message>
        <source>“Start again” asks for your passphrase and leads back to where you are; what you were typing waits there.</source>
        <translation>点击“重新开始”并输入密码后，将回到当前位置，正在输入的内容仍在原处。</translation>
    </message>
    <message>
        <source>Read the report, copy or save it, and send it to your data manager; it holds no participant&apos;s data.</source>
        <translation>请阅读报告，复制或保存后发给数据管理员；其中不含受试者数据。</translation>
    </message>
    <message>
        <source>The report is on the clipboard.</source>
        <translation>报告已复制到剪贴板。</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Saved: %1</source>
        <translation>已保存：%1</translation>
    </message>
</context>
<context>
    <name>Curtain</name>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
</context>
<context>
    <name>Custody</name>
    <message>
        <source>Safe to wipe: the server has everything on this laptop.</source>
        <translation>可以清除：本机的全部内容均已由服务器接收。</translation>
    </message>
    <message>
        <source>You cannot tell here whether this laptop is safe to wipe.</source>
        <translation>您无法在此判断本机能否清除。</translation>
    </message>
    <message>
        <source>Not safe to wipe: something would be lost.</source>
        <translation>不可清除：会丢失内容。</translation>
    </message>
    <message>
        <source>Records made here that the server does not have yet: %1.</source>
        <translation>在本机产生、服务器尚未接收的记录：%1 条。</translation>
    </message>
    <message>
        <source>Forms with entries that are not sealed yet: %1.</source>
        <translation>含未封存录入的表单：%1 份。</translation>
    </message>
    <message>
        <source>Records of other laptops held here that the server is not known to have: %1.</source>
        <translation>本机保存的其他电脑的记录，未确认服务器已有：%1 条。</translation>
    </message>
    <message>
        <source>Records that wait here for earlier ones: %1.</source>
        <translation>在此等待前序记录的记录：%1 条。</translation>
    </message>
    <message>
        <source>Records that did not verify and are set aside: %1. Tell your data manager.</source>
        <translation>未通过校验而另行保存的记录：%1 条。请告知数据管理员。</translation>
    </message>
    <message>
        <source>Folders of damaged files that were kept: %1. Only a rescue copy saves them.</source>
        <translation>保留的损坏文件夹：%1 个。只有救援副本能保存其内容。</translation>
    </message>
    <message>
        <source>Notes that are written down at the next sign-in: %1.</source>
        <translation>将在下次登录时记入的事项：%1 项。</translation>
    </message>
    <message>
        <source>Attached files that the server does not have: %1.</source>
        <translation>服务器尚未接收的附件：%1 个。</translation>
    </message>
    <message>
        <source>No other laptop of this site can read the participants&apos; names: admit one first, on the Sync page.</source>
        <translation>本中心没有其他电脑能读取受试者姓名：请先在“同步”页面批准一台。</translation>
    </message>
    <message>
        <source>The last sync did not end in step with the server.</source>
        <translation>上次同步结束时未与服务器一致。</translation>
    </message>
    <message>
        <source>You do not open the unblinding records of this laptop. Ask somebody who does.</source>
        <translation>您不能打开本机的揭盲数据。请询问能打开的同事。</translation>
    </message>
</context>
<context>
    <name>CustodyPage</name>
    <message>
        <source>Where everything is</source>
        <translation>记录所在位置</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>查找(&amp;F)</translation>
    </message>
    <message>
        <source>Find by subject, form or visit</source>
        <translation>按受试者、表单或访视查找</translation>
    </message>
    <message>
        <source>Subject, form or visit</source>
        <translation>受试者、表单或访视</translation>
    </message>
    <message>
        <source>Sho&amp;w</source>
        <translation>显示(&amp;W)</translation>
    </message>
    <message>
        <source>Which records are shown</source>
        <translation>显示哪些记录</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>On this laptop only</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>In a bundle</source>
        <translation>在数据包中</translation>
    </message>
    <message>
        <source>Received by the server</source>
        <translation>服务器已接收</translation>
    </message>
    <message>
        <source>In a backup of the server</source>
        <translation>已在服务器备份中</translation>
    </message>
    <message>
        <source>&amp;Save as CSV…</source>
        <translation>另存为 CSV(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Retire this laptop…</source>
        <translation>停用本机(&amp;R)…</translation>
    </message>
    <message>
        <source>Where the records of each form are</source>
        <translation>各表单记录的所在位置</translation>
    </message>
    <message>
        <source>The server last confirmed something at %1.</source>
        <translation>服务器最近一次确认接收：%1。</translation>
    </message>
    <message>
        <source>Its last verified backup is of %1.</source>
        <translation>服务器最近一次通过验证的备份：%1。</translation>
    </message>
    <message>
        <source>%1 of %2 lines. Enter opens a form; F3 or a heading sorts.</source>
        <translation>共 %2 行，显示 %1 行。按 Enter 打开表单；F3 或点击表头排序。</translation>
    </message>
    <message>
        <source>Save the table</source>
        <translation>保存表格</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>已保存为 %1。</translation>
    </message>
</context>
<context>
    <name>CustodyTable</name>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>访视</translation>
    </message>
    <message>
        <source>Saves</source>
        <translation>保存次数</translation>
    </message>
    <message>
        <source>Only here</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>Where it is</source>
        <translation>所在位置</translation>
    </message>
    <message>
        <source>(none)</source>
        <translation>（无）</translation>
    </message>
</context>
<context>
    <name>DelegationPage</name>
    <message>
        <source>Delegation log</source>
        <translation>授权分工表</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Duties</source>
        <translation>职责</translation>
    </message>
    <message>
        <source>From, to</source>
        <translation>起止日期</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>签署</translation>
    </message>
    <message>
        <source>No delegation log yet: until its first entry the role alone counts.</source>
        <translation>尚无授权分工表：在第一条记录之前，仅以角色为准。</translation>
    </message>
    <message>
        <source>, </source>
        <comment>between the parts of a list</comment>
        <translation>、</translation>
    </message>
    <message>
        <source>everything the role may</source>
        <translation>该角色的全部职责</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>自 %1 起</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>ended by %1: %2</source>
        <translation>由 %1 终止：%2</translation>
    </message>
    <message>
        <source>does not count</source>
        <translation>无效</translation>
    </message>
    <message>
        <source>stands today</source>
        <translation>今日有效</translation>
    </message>
    <message>
        <source>does not stand today</source>
        <translation>今日无效</translation>
    </message>
    <message>
        <source>&amp;Pages to print</source>
        <translation>打印页面(&amp;P)</translation>
    </message>
    <message>
        <source>Show the pages of the delegation log, to print or save them</source>
        <translation>显示授权分工表的页面，以便打印或保存</translation>
    </message>
    <message>
        <source>Delegation log, the newest entry first</source>
        <translation>授权分工表，最新的在前</translation>
    </message>
    <message>
        <source>&amp;Add an entry…</source>
        <translation>新增授权(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;End the entry…</source>
        <translation>终止授权(&amp;E)…</translation>
    </message>
    <message>
        <source>Delegate</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>&amp;Who</source>
        <translation>人员(&amp;W)</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>自(&amp;F)</translation>
    </message>
    <message>
        <source>A day, such as 2026-03-01.</source>
        <translation>日期，例如 2026-03-01。</translation>
    </message>
    <message>
        <source>&amp;To</source>
        <translation>至(&amp;T)</translation>
    </message>
    <message>
        <source>Empty while it is open.</source>
        <translation>未终止时留空。</translation>
    </message>
    <message>
        <source>&amp;Last day</source>
        <translation>最后一天(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Why it ends</source>
        <translation>终止原因(&amp;W)</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>It signs the entry as the principal investigator.</source>
        <translation>以主要研究者身份签署该记录。</translation>
    </message>
    <message>
        <source>Sign the entry</source>
        <translation>签署授权</translation>
    </message>
    <message>
        <source>Sign the end</source>
        <translation>签署终止</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消（Esc）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>End the entry of %1</source>
        <translation>终止 %1 的授权</translation>
    </message>
    <message>
        <source>It cannot end before it begins.</source>
        <translation>终止日期不能早于开始日期。</translation>
    </message>
    <message>
        <source>Choose at least one duty.</source>
        <translation>请至少选择一项职责。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Signed and recorded.</source>
        <translation>已签署并记录。</translation>
    </message>
    <message>
        <source>This is no day. Type it as 2026-03-01.</source>
        <translation>日期无效。请按 2026-03-01 的格式输入。</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>DocumentLines</name>
    <message>
        <source>Show %1</source>
        <translation>显示 %1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
</context>
<context>
    <name>DoorTools</name>
    <message>
        <source>Switch the language</source>
        <translation>切换语言</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>P&amp;ractise</source>
        <translation>练习(&amp;R)</translation>
    </message>
    <message>
        <source>Practise with data of no study: nothing counts, and no passphrase is needed</source>
        <translation>用不属于任何研究的数据练习：不计入研究，也无需记忆密码</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Switch to light</source>
        <translation>切换为浅色</translation>
    </message>
    <message>
        <source>Switch to dark</source>
        <translation>切换为深色</translation>
    </message>
</context>
<context>
    <name>Doors</name>
    <message>
        <source>&amp;Read the report</source>
        <translation>查看报告(&amp;R)</translation>
    </message>
    <message>
        <source>Casebook could not start afresh after the lock, so this window goes on. The records are closed. Close and open Casebook when you can.</source>
        <translation>锁定后未能重新启动 Casebook，继续使用当前窗口；记录已关闭。请在方便时关闭并重新打开 Casebook。</translation>
    </message>
    <message>
        <source>Casebook ended unexpectedly last time. Every entry marked as kept is safe; signing in leads back to the form that was open.</source>
        <translation>Casebook 上次意外退出。已标记为“已存于本机”的内容均安全；登录后将回到当时打开的表单。</translation>
    </message>
    <message>
        <source>Training could not be started or left. Nothing was changed; close and open Casebook.</source>
        <translation>无法进入或退出培训。未作任何更改；请关闭并重新打开 Casebook。</translation>
    </message>
    <message>
        <source>Casebook is open already on these records, and its window does not answer. Look for that window and wait a moment; if it never answers, end it with the system&apos;s task manager. Kept entries are safe.</source>
        <translation>Casebook 已打开这些记录，但其窗口没有响应。请找到该窗口并稍候；若一直无响应，请在任务管理器中结束它。已保存的内容均安全。</translation>
    </message>
    <message>
        <source>Casebook is open on these records for another user of this computer. Only one window can write: ask them to close it.</source>
        <translation>本机的另一位用户已用 Casebook 打开这些记录。同一时间只能有一个窗口写入，请其关闭窗口。</translation>
    </message>
</context>
<context>
    <name>Elapsed</name>
    <message>
        <source>%1 since the first grade</source>
        <translation>自首项评分起 %1</translation>
    </message>
</context>
<context>
    <name>EndCard</name>
    <message>
        <source>Missing: %1. Each leads to its item.</source>
        <translation>缺少 %1 项，点击可前往该项。</translation>
    </message>
    <message>
        <source>Nothing is missing. Look at what was found:</source>
        <translation>没有缺项。请查看核查发现的问题：</translation>
    </message>
    <message>
        <source>Nothing is missing.</source>
        <translation>没有缺项。</translation>
    </message>
    <message>
        <source>Complete ✓</source>
        <translation>已完成 ✓</translation>
    </message>
    <message>
        <source>Mark complete (Enter)</source>
        <translation>标记为完成（Enter）</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Mark complete</source>
        <translation>标记为完成</translation>
    </message>
    <message>
        <source>Save and go back</source>
        <translation>保存并返回</translation>
    </message>
    <message>
        <source>Go to: %1</source>
        <translation>前往：%1</translation>
    </message>
</context>
<context>
    <name>EnrolPage</name>
    <message>
        <source>Enrol this laptop</source>
        <translation>登记本机</translation>
    </message>
    <message>
        <source>Your data manager gave you an address and two one-time codes. The network is needed now, once.</source>
        <translation>数据管理员已给您一个地址和两个一次性代码。仅此一次需要联网。</translation>
    </message>
    <message>
        <source>&amp;Server address</source>
        <translation>服务器地址(&amp;S)</translation>
    </message>
    <message>
        <source>For example https://edc.example.org:8443</source>
        <translation>例如 https://edc.example.org:8443</translation>
    </message>
    <message>
        <source>&amp;Laptop code</source>
        <translation>电脑登记码(&amp;L)</translation>
    </message>
    <message>
        <source>It also names the server&apos;s certificate, so no other server can answer.</source>
        <translation>其中含服务器证书的标识，其他服务器无法冒充。</translation>
    </message>
    <message>
        <source>&amp;Personal code</source>
        <translation>个人代码(&amp;P)</translation>
    </message>
    <message>
        <source>It stands for you and your role.</source>
        <translation>代表您本人及您的角色。</translation>
    </message>
    <message>
        <source>Laptop&apos;s &amp;name</source>
        <translation>本机名称(&amp;N)</translation>
    </message>
    <message>
        <source>As your colleagues know it, such as Ward 2.</source>
        <translation>同事们熟悉的名称，例如：二病区。</translation>
    </message>
    <message>
        <source>New &amp;passphrase</source>
        <translation>新密码(&amp;W)</translation>
    </message>
    <message>
        <source>Four or five unrelated words are strong and easy to type.</source>
        <translation>四五个互不相关的词，既安全又容易输入。</translation>
    </message>
    <message>
        <source>Passphrase &amp;again</source>
        <translation>再次输入密码(&amp;A)</translation>
    </message>
    <message>
        <source>Enrol</source>
        <translation>登记</translation>
    </message>
    <message>
        <source>Talking to the server, measuring how slow this laptop can make guessing a passphrase, making its keys and sealing a copy for the study&apos;s custodians. This takes some seconds.</source>
        <translation>正在与服务器通信，测定本机可将密码猜测减慢到何种程度，生成本机密钥并为研究密钥托管人封存一份副本。需要几秒钟。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>The two passphrases differ. Type the second one again.</source>
        <translation>两次输入的密码不一致。请重新输入第二次。</translation>
    </message>
    <message>
        <source>Recovery sheet</source>
        <translation>恢复单</translation>
    </message>
    <message>
        <source>Saved as %1. Print it and delete it.</source>
        <translation>已保存为 %1。请打印后删除该文件。</translation>
    </message>
</context>
<context>
    <name>EntryPage</name>
    <message>
        <source>It is tried again by itself. Going away once more gives it up.</source>
        <translation>系统会自动重试。再次离开即放弃此项。</translation>
    </message>
    <message>
        <source>Not kept: %1</source>
        <translation>未保存：%1 项</translation>
    </message>
    <message>
        <source>Undone: %1 values that were entered together.</source>
        <translation>已撤销一并录入的 %1 个值。</translation>
    </message>
    <message>
        <source>Undone: %1 is %2 again, not %3. Both stay in its history.</source>
        <translation>已撤销：%1 由 %3 恢复为 %2。两者均保留在历史中。</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
    <message>
        <source>%1 is not complete. Missing: %2</source>
        <translation>%1 未完成。缺：%2</translation>
    </message>
</context>
<context>
    <name>ExportPage</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>An export is a copy of this site&apos;s record for data managers, statisticians and inspectors. It is not encrypted: keep it where only those may read it who should.</source>
        <translation>导出是本中心记录的副本，供数据管理员、统计师和检查人员使用。导出的文件未加密：请存放在只有相关人员能读取的位置。</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>&amp;Everything: CDISC ODM and tables</source>
        <translation>全部：CDISC ODM 和表格(&amp;E)</translation>
    </message>
    <message>
        <source>CDISC &amp;ODM 1.3.2: what stands now, and the whole history</source>
        <translation>CDISC &amp;ODM 1.3.2：当前数值和完整历史</translation>
    </message>
    <message>
        <source>&amp;Tables (CSV): one for each form, with a data dictionary</source>
        <translation>表格（CSV）：每个表单一张，附数据字典(&amp;T)</translation>
    </message>
    <message>
        <source>Never exported: identity forms and items with their attachments, handwritten signatures, documents, names of people. Values in conflict are left empty, with the reason beside them.</source>
        <translation>绝不导出：身份信息表单和项目及其附件、手写签名、文件、人员姓名。存在冲突的数值留空，并在旁注明原因。</translation>
    </message>
    <message>
        <source>With the files of &amp;attachments (photos, scans)</source>
        <translation>包含附件文件（照片、扫描件）(&amp;A)</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>&amp;Folder</source>
        <translation>文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Choose a folder…</source>
        <translation>选择文件夹(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>Nothing is ever overwritten: the name must be new.</source>
        <translation>不会覆盖任何内容：名称必须是新的。</translation>
    </message>
    <message>
        <source>One &amp;ZIP archive in place of a folder</source>
        <translation>打包为一个 &amp;ZIP 文件</translation>
    </message>
    <message>
        <source>E&amp;xport</source>
        <translation>导出(&amp;X)</translation>
    </message>
    <message>
        <source>Photos can show faces and names, and nothing covers them: give this export only to those who may see them. Files are named by subject number, visit and form.</source>
        <translation>照片中可能有面部和姓名，且未作遮盖：只可将此导出交给有权查看的人。文件以受试者编号、访视和表单命名。</translation>
    </message>
    <message>
        <source>Left out: the export says which there are, with their SHA-256, and holds no file of them.</source>
        <translation>不包含：导出中只列出有哪些附件及其 SHA-256，不含文件。</translation>
    </message>
    <message>
        <source>It lies at %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message>
        <source>Subjects: %1. Forms: %2. Values left empty because entries disagree: %3.</source>
        <translation>受试者：%1。表单：%2。因录入不一致而留空的数值：%3。</translation>
    </message>
    <message>
        <source>Files of attachments: %1.</source>
        <translation>附件文件：%1 个。</translation>
    </message>
    <message>
        <source>Attachments without a file in it: %1. The table of attachments says why.</source>
        <translation>仅列出而不含文件的附件：%1 个，原因见附件表。</translation>
    </message>
    <message>
        <source>This laptop cannot read %1 records, such as sealed ones; they are not in it.</source>
        <translation>本机无法读取 %1 条记录（例如已封存的记录），导出中不包含这些记录。</translation>
    </message>
    <message>
        <source>Folder for the export</source>
        <translation>导出文件夹</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Exporting. Open entries are sealed first; a large site takes a minute or two.</source>
        <translation>正在导出。未封存的录入会先行封存；数据较多时需要一两分钟。</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>Locks in %1 s. Press any key to go on.</source>
        <translation>%1 秒后自动锁定。按任意键继续使用。</translation>
    </message>
    <message>
        <source>Site %1 %2, laptop %3</source>
        <translation>中心 %1 %2，电脑 %3</translation>
    </message>
    <message>
        <source>Find a subject, a form, a place or an action</source>
        <translation>查找受试者、表单、页面或操作</translation>
    </message>
    <message>
        <source>Help for this page</source>
        <translation>本页帮助</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Lock: seal everything and sign out</source>
        <translation>锁定：封存全部录入并退出登录</translation>
    </message>
    <message>
        <source>Switch user</source>
        <translation>切换用户</translation>
    </message>
    <message>
        <source>Switch user: lock, and let somebody else sign in</source>
        <translation>切换用户：锁定并由他人登录</translation>
    </message>
    <message>
        <source>Conflicts: %1. Opens Queries.</source>
        <translation>冲突：%1 处。打开质疑页面。</translation>
    </message>
    <message>
        <source>Check the clock</source>
        <translation>请核对时钟</translation>
    </message>
    <message>
        <source>Nothing recorded yet</source>
        <translation>尚无记录</translation>
    </message>
    <message>
        <source>%1 on this laptop only</source>
        <translation>%1 条仅在本机</translation>
    </message>
    <message>
        <source>Not sealed yet: %1</source>
        <translation>未封存：%1</translation>
    </message>
    <message>
        <source>All received by the server</source>
        <translation>服务器已全部接收</translation>
    </message>
    <message>
        <source>Syncing…</source>
        <translation>正在同步…</translation>
    </message>
    <message>
        <source>Not synced yet</source>
        <translation>尚未同步</translation>
    </message>
    <message>
        <source>Waiting for the disk. What is marked as kept is safe.</source>
        <translation>正在等待磁盘。已标记为“已存于本机”的内容均安全。</translation>
    </message>
    <message>
        <source>F5 syncs now.</source>
        <translation>按 F5 立即同步。</translation>
    </message>
    <message>
        <source>Look at Sync</source>
        <translation>请查看同步</translation>
    </message>
    <message>
        <source>Sync paused</source>
        <translation>同步已暂停</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>Synced %1</source>
        <translation>已同步 %1</translation>
    </message>
</context>
<context>
    <name>FormAttachments</name>
    <message>
        <source>Attachments (%1)</source>
        <translation>附件（%1）</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>附件…</translation>
    </message>
    <message>
        <source>Attachments of this form: %1. Attach, look, strike.</source>
        <translation>本表单的附件：%1 个。附加、查看、划除。</translation>
    </message>
</context>
<context>
    <name>FormHead</name>
    <message>
        <source>Missing: %1</source>
        <translation>缺：%1</translation>
    </message>
    <message>
        <source>Go to the next unanswered item</source>
        <translation>转到下一个未填项</translation>
    </message>
    <message>
        <source>Item by item</source>
        <translation>逐项评分</translation>
    </message>
    <message>
        <source>Score item by item</source>
        <translation>逐项评分</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save: record what was entered</source>
        <translation>保存：将录入内容写入记录</translation>
    </message>
    <message>
        <source>Next unanswered</source>
        <translation>下一未填项</translation>
    </message>
    <message>
        <source>%1 of %2 left</source>
        <translation>剩余 %1/%2</translation>
    </message>
    <message>
        <source>%1 of %2 mandatory items left</source>
        <translation>必填项剩余 %1/%2</translation>
    </message>
    <message>
        <source>All answered</source>
        <translation>已全部填写</translation>
    </message>
    <message>
        <source>All mandatory items answered</source>
        <translation>必填项已全部填写</translation>
    </message>
    <message>
        <source>Complete ✓</source>
        <translation>已完成 ✓</translation>
    </message>
    <message>
        <source>Mark complete</source>
        <translation>标记为完成</translation>
    </message>
    <message>
        <source>Identity data is sealed away here: ask a colleague to admit this laptop on their Sync page.</source>
        <translation>身份信息在本机已封存：请同事在其电脑的“同步”页面批准本机。</translation>
    </message>
    <message>
        <source>Findings: %1</source>
        <translation>核查提示：%1</translation>
    </message>
    <message>
        <source>%1: show which</source>
        <translation>%1：显示具体项目</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Undo the last entry: %1</source>
        <translation>撤销上一次录入：%1</translation>
    </message>
    <message>
        <source>%1 untestable</source>
        <translation>%1 项无法检查</translation>
    </message>
    <message>
        <source>so far %1 (%2 of %3)</source>
        <comment>running total of a scale</comment>
        <translation>目前 %1 分（%2/%3）</translation>
    </message>
</context>
<context>
    <name>FormPage</name>
    <message>
        <source>Put the cursor into the item first.</source>
        <translation>请先将光标置于该项目。</translation>
    </message>
</context>
<context>
    <name>GridTable</name>
    <message>
        <source>Value</source>
        <comment>a laboratory analyte</comment>
        <translation>检验项目</translation>
    </message>
    <message>
        <source>Result and unit</source>
        <translation>结果和单位</translation>
    </message>
    <message>
        <source>In standard unit</source>
        <translation>标准单位</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>参考范围</translation>
    </message>
    <message>
        <source>Flag</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Significant?</source>
        <translation>有临床意义？</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>上次结果</translation>
    </message>
</context>
<context>
    <name>GroupRow</name>
    <message>
        <source>Row %1</source>
        <translation>第 %1 行</translation>
    </message>
    <message>
        <source>open</source>
        <translation>已展开</translation>
    </message>
    <message>
        <source>folded</source>
        <translation>已折叠</translation>
    </message>
    <message>
        <source>Strike out…</source>
        <translation>划除…</translation>
    </message>
    <message>
        <source>Strike out row %1</source>
        <translation>划除第 %1 行</translation>
    </message>
    <message>
        <source>Struck out: %1</source>
        <translation>已划除：%1</translation>
    </message>
    <message>
        <source>Why is this row struck out? It stays readable.</source>
        <translation>为什么划除此行？内容仍可查阅。</translation>
    </message>
</context>
<context>
    <name>Guide</name>
    <message>
        <source>Step %1 of %2: %3</source>
        <translation>第 %1 步，共 %2 步：%3</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
</context>
<context>
    <name>GuideStrip</name>
    <message>
        <source>The step before</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Leave this step out</source>
        <translation>跳过此步</translation>
    </message>
    <message>
        <source>Close the first steps</source>
        <translation>关闭入门步骤</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
</context>
<context>
    <name>HeldPage</name>
    <message>
        <source>Held entries</source>
        <translation>暂挂的录入</translation>
    </message>
    <message>
        <source>Nothing is held.</source>
        <translation>没有暂挂的录入。</translation>
    </message>
    <message>
        <source>Waiting for a ruling: %1. A held entry stays in the record and counts only once accepted.</source>
        <translation>等待裁定：%1 条。暂挂的录入保留在记录中，接受后方为有效。</translation>
    </message>
    <message>
        <source>Held: %1</source>
        <translation>暂挂：%1</translation>
    </message>
    <message>
        <source>Found: %1</source>
        <translation>发现：%1</translation>
    </message>
    <message>
        <source>&amp;Accept…</source>
        <translation>接受(&amp;A)…</translation>
    </message>
    <message>
        <source>Accept the entry</source>
        <translation>接受该录入</translation>
    </message>
    <message>
        <source>&amp;Decline…</source>
        <translation>不接受(&amp;D)…</translation>
    </message>
    <message>
        <source>Decline the entry</source>
        <translation>不接受该录入</translation>
    </message>
    <message>
        <source>Go to the form (Enter)</source>
        <translation>转到表单（Enter）</translation>
    </message>
    <message>
        <source>Go to the form</source>
        <translation>转到表单</translation>
    </message>
    <message>
        <source>Held entries; Enter leads to the form</source>
        <translation>暂挂的录入；按 Enter 转到表单</translation>
    </message>
    <message>
        <source>Why does the entry count after all?</source>
        <translation>为什么该录入应当有效？</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message>
        <source>Why does the entry not count?</source>
        <translation>为什么该录入无效？</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>不接受</translation>
    </message>
</context>
<context>
    <name>HelpPanel</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close the help</source>
        <translation>关闭帮助</translation>
    </message>
    <message>
        <source>First steps: practise with a practice subject</source>
        <translation>入门步骤：用练习受试者练习</translation>
    </message>
    <message>
        <source>Help: %1</source>
        <translation>帮助：%1</translation>
    </message>
    <message>
        <source>What to do next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Keys on this page</source>
        <translation>本页按键</translation>
    </message>
    <message>
        <source>What can go wrong</source>
        <translation>可能遇到的问题</translation>
    </message>
    <message>
        <source>Keys everywhere</source>
        <translation>通用按键</translation>
    </message>
</context>
<context>
    <name>HoldTimer</name>
    <message>
        <source>Sound off</source>
        <translation>声音已关</translation>
    </message>
    <message>
        <source>Sound on</source>
        <translation>声音已开</translation>
    </message>
    <message>
        <source>No sound at start and end</source>
        <translation>开始和结束时不发声</translation>
    </message>
    <message>
        <source>Time: %1 s are over</source>
        <translation>时间到：%1 秒</translation>
    </message>
    <message>
        <source>Again (T)</source>
        <translation>再次计时（T）</translation>
    </message>
    <message>
        <source>Count %1 s (T)</source>
        <translation>计时 %1 秒（T）</translation>
    </message>
    <message>
        <source>Stop (T)</source>
        <translation>停止（T）</translation>
    </message>
</context>
<context>
    <name>InkEditor</name>
    <message>
        <source>Undo stroke</source>
        <translation>撤销一笔</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Too short for a signature; write it again.</source>
        <translation>笔迹过短，不能作为签名；请重新签写。</translation>
    </message>
    <message>
        <source>Sign here with a pen, a finger or the mouse.</source>
        <translation>请用触控笔、手指或鼠标在此签名。</translation>
    </message>
</context>
<context>
    <name>ItemCards</name>
    <message>
        <source>Help of the item</source>
        <translation>项目帮助</translation>
    </message>
    <message>
        <source>Nothing was entered here yet.</source>
        <translation>此处尚未录入。</translation>
    </message>
</context>
<context>
    <name>ItemEditor</name>
    <message>
        <source>required</source>
        <comment>an item of a form</comment>
        <translation>必填</translation>
    </message>
</context>
<context>
    <name>ItemNotes</name>
    <message>
        <source>Verified against the source</source>
        <translation>已与原始资料核对</translation>
    </message>
    <message>
        <source>Changed since it was verified</source>
        <translation>核对后有修改</translation>
    </message>
    <message>
        <source>This laptop stopped before the form was saved. Nobody has confirmed this value yet.</source>
        <translation>本机在表单保存前中断。此值尚未经人确认。</translation>
    </message>
    <message>
        <source>It is right</source>
        <translation>此值正确</translation>
    </message>
    <message>
        <source>%1 Confirmed true: %2</source>
        <translation>%1 已确认属实：%2</translation>
    </message>
    <message>
        <source>%1 The record contradicts itself: correct it.</source>
        <translation>%1 记录自相矛盾，请更正。</translation>
    </message>
    <message>
        <source>%1 Correct it, or let an investigator sign in and confirm that it happened so.</source>
        <translation>%1 请更正，或由研究者登录并确认情况属实。</translation>
    </message>
    <message>
        <source>It is true…</source>
        <translation>情况属实…</translation>
    </message>
    <message>
        <source>Answer…</source>
        <translation>答复…</translation>
    </message>
    <message>
        <source>Confirm as true: %1</source>
        <translation>确认属实：%1</translation>
    </message>
</context>
<context>
    <name>ItemRow</name>
    <message>
        <source>This value is recorded. Why does it change?</source>
        <translation>该值已记录。为什么要修改？</translation>
    </message>
    <message>
        <source>This item is mandatory. Why is there no value?</source>
        <translation>该项目为必填项。为什么没有数值？</translation>
    </message>
    <message>
        <source>Before: %1</source>
        <translation>上次：%1</translation>
    </message>
    <message>
        <source>Take the code back</source>
        <translation>撤回缺失代码</translation>
    </message>
    <message>
        <source>Raise a query (Alt+Q)</source>
        <translation>提出质疑（Alt+Q）</translation>
    </message>
    <message>
        <source>History (Alt+H)</source>
        <translation>修改历史（Alt+H）</translation>
    </message>
    <message>
        <source>Help (F1)</source>
        <translation>帮助（F1）</translation>
    </message>
    <message>
        <source>Why is this so? The value stays as it is.</source>
        <translation>原因是什么？该值保持不变。</translation>
    </message>
</context>
<context>
    <name>Laboratory</name>
    <message>
        <source>low</source>
        <translation>偏低</translation>
    </message>
    <message>
        <source>high</source>
        <translation>偏高</translation>
    </message>
    <message>
        <source>within</source>
        <translation>范围内</translation>
    </message>
    <message>
        <source>abnormal</source>
        <translation>异常</translation>
    </message>
    <message>
        <source>on the report</source>
        <translation>报告单</translation>
    </message>
    <message>
        <source>site&apos;s laboratory</source>
        <translation>本中心实验室</translation>
    </message>
    <message>
        <source>of the study</source>
        <translation>研究规定</translation>
    </message>
    <message>
        <source>no value of this form is named here</source>
        <translation>此行没有本表单的检验项目</translation>
    </message>
    <message>
        <source>no number that can be read in one way only</source>
        <translation>没有可唯一读取的数值</translation>
    </message>
    <message>
        <source>which value is meant?</source>
        <translation>指哪个检验项目？</translation>
    </message>
    <message>
        <source>which number is the result?</source>
        <translation>哪个数值是结果？</translation>
    </message>
    <message>
        <source>in which of these units? The line says: %1</source>
        <translation>采用哪个单位？此行写的是：%1</translation>
    </message>
    <message>
        <source>no unit is given: look at the one shown</source>
        <translation>未写单位：请核对所显示的单位</translation>
    </message>
    <message>
        <source>not understood: %1</source>
        <translation>无法识别：%1</translation>
    </message>
    <message>
        <source>given more than once: which line counts?</source>
        <translation>重复出现：以哪一行为准？</translation>
    </message>
    <message>
        <source>the reference range cannot be read in one way only: %1</source>
        <translation>参考范围无法唯一读取：%1</translation>
    </message>
    <message>
        <source>nothing in common with the reference range %1 (%2): is the unit right?</source>
        <translation>与参考范围 %1（%2）毫无重叠：单位是否正确？</translation>
    </message>
    <message>
        <source>this reference range stands there already</source>
        <translation>已有相同的参考范围</translation>
    </message>
    <message>
        <source>reference ranges are not asked here now</source>
        <translation>此处目前不询问参考范围</translation>
    </message>
    <message>
        <source>the reference range can only be read</source>
        <translation>参考范围只读</translation>
    </message>
    <message>
        <source>two reference ranges stand there: settle them first</source>
        <translation>该项有两个不同的参考范围：请先解决</translation>
    </message>
    <message>
        <source>replaces the reference range %1</source>
        <translation>将替换参考范围 %1</translation>
    </message>
    <message>
        <source>changes the recorded reference range %1</source>
        <translation>将更改已记录的参考范围 %1</translation>
    </message>
    <message>
        <source>range differs from %1 (%2)</source>
        <translation>参考范围不同于 %1（%2）</translation>
    </message>
    <message>
        <source>stands there already</source>
        <translation>已有相同的值</translation>
    </message>
    <message>
        <source>not asked in this form now</source>
        <translation>本表单目前不询问此项</translation>
    </message>
    <message>
        <source>can only be read</source>
        <translation>只读</translation>
    </message>
    <message>
        <source>two values stand there: settle them first</source>
        <translation>该项有两个不同的值：请先解决</translation>
    </message>
    <message>
        <source>replaces %1</source>
        <translation>将替换 %1</translation>
    </message>
    <message>
        <source>changes the recorded %1</source>
        <translation>将更改已记录的 %1</translation>
    </message>
</context>
<context>
    <name>LaptopLine</name>
    <message>
        <source>%1, laptop %2</source>
        <translation>%1，电脑 %2</translation>
    </message>
    <message>
        <source>(this one)</source>
        <translation>（本机）</translation>
    </message>
    <message>
        <source>withdrawn</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>admitted</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>not admitted</source>
        <translation>未批准</translation>
    </message>
    <message>
        <source>Fingerprint %1</source>
        <translation>指纹 %1</translation>
    </message>
    <message>
        <source>Admit…</source>
        <translation>批准…</translation>
    </message>
    <message>
        <source>Admit laptop %1</source>
        <translation>批准电脑 %1</translation>
    </message>
    <message>
        <source>Did the owner of %1 read you the fingerprint %2?</source>
        <translation>“%1”的使用者是否已向您念出指纹 %2？</translation>
    </message>
    <message>
        <source>Yes, admit it</source>
        <translation>是，批准</translation>
    </message>
    <message>
        <source>No, not now</source>
        <translation>否，暂不批准</translation>
    </message>
</context>
<context>
    <name>LineEditor</name>
    <message>
        <source>Unit of %1</source>
        <translation>%1 的单位</translation>
    </message>
</context>
<context>
    <name>ListEditor</name>
    <message>
        <source>Type to search</source>
        <translation>输入以搜索</translation>
    </message>
</context>
<context>
    <name>MarkButton</name>
    <message>
        <source>not a value yet</source>
        <translation>尚不是有效值</translation>
    </message>
    <message>
        <source>kept on this laptop</source>
        <translation>已存于本机</translation>
    </message>
    <message>
        <source>recorded</source>
        <translation>已记录</translation>
    </message>
    <message>
        <source>two values</source>
        <translation>两个值</translation>
    </message>
    <message>
        <source>unconfirmed</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>not kept yet</source>
        <translation>尚未保存</translation>
    </message>
    <message>
        <source>no value</source>
        <comment>short mark</comment>
        <translation>非有效值</translation>
    </message>
    <message>
        <source>kept</source>
        <comment>short mark</comment>
        <translation>已存本机</translation>
    </message>
    <message>
        <source>optional</source>
        <translation>选填</translation>
    </message>
</context>
<context>
    <name>NeighbourCard</name>
    <message>
        <source>Beside another laptop of this site</source>
        <translation>与本中心另一台电脑直连</translation>
    </message>
    <message>
        <source>Both laptops are in one network, with or without internet. One waits and shows an address and six figures; on the other somebody types them. Afterwards both show the same entries.</source>
        <translation>两台电脑在同一网络中即可，无需互联网。一台等待并显示地址和六位数字，在另一台上输入。完成后两台电脑内容一致。</translation>
    </message>
    <message>
        <source>Wait &amp;here</source>
        <translation>在本机等待(&amp;H)</translation>
    </message>
    <message>
        <source>On the other laptop, type this address and these figures:</source>
        <translation>请在另一台电脑上输入以下地址和数字：</translation>
    </message>
    <message>
        <source>A&amp;ddress of the laptop that waits</source>
        <translation>等待方电脑的地址(&amp;D)</translation>
    </message>
    <message>
        <source>S&amp;ix figures</source>
        <translation>六位数字(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Call it</source>
        <translation>连接(&amp;C)</translation>
    </message>
    <message>
        <source>Address %1</source>
        <translation>地址 %1</translation>
    </message>
    <message>
        <source>Figures %1</source>
        <translation>数字 %1</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Type the six figures that the other laptop shows.</source>
        <translation>请输入另一台电脑上显示的六位数字。</translation>
    </message>
</context>
<context>
    <name>NewPassphraseField</name>
    <message>
        <source>Use at least 8 characters. Four or five unrelated words are easy to type.</source>
        <translation>请至少使用 8 个字符。四五个互不相关的词语容易记住也容易输入。</translation>
    </message>
    <message>
        <source>This is too easy to guess. Add two or three words that have nothing to do with each other.</source>
        <translation>该密码太容易被猜到。请再加两三个互不相关的词语。</translation>
    </message>
    <message>
        <source>Too short yet: at least 8 characters.</source>
        <translation>还太短：至少 8 个字符。</translation>
    </message>
    <message>
        <source>Very weak</source>
        <translation>很弱</translation>
    </message>
    <message>
        <source>Weak</source>
        <translation>弱</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>Strong</source>
        <translation>强</translation>
    </message>
    <message>
        <source>Barely enough</source>
        <translation>勉强够用</translation>
    </message>
    <message>
        <source>Fair</source>
        <translation>一般</translation>
    </message>
    <message>
        <source>%1: would hold a thief off for %2.</source>
        <comment>strength; how long</comment>
        <translation>%1：破解约需%2。</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>几秒钟</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>几分钟</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>数小时</translation>
    </message>
    <message>
        <source>days</source>
        <translation>数天</translation>
    </message>
    <message>
        <source>months</source>
        <translation>数月</translation>
    </message>
    <message>
        <source>years</source>
        <translation>数年</translation>
    </message>
    <message>
        <source>centuries</source>
        <translation>数百年</translation>
    </message>
</context>
<context>
    <name>News</name>
    <message>
        <source>Conflicts: %1. Open Queries (Ctrl+3).</source>
        <translation>有 %1 处录入冲突，请打开“质疑”（Ctrl+3）。</translation>
    </message>
    <message>
        <source>Version %1 of the study is in force here from now on.</source>
        <translation>本中心自此启用研究方案定义 %1 版。</translation>
    </message>
</context>
<context>
    <name>Orphans</name>
    <message>
        <source>Recorded under another version of this form, not asked any more</source>
        <translation>在本表单的其他版本下记录，现已不再询问</translation>
    </message>
</context>
<context>
    <name>Oversight</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Item</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Value now</source>
        <translation>当前值</translation>
    </message>
    <message>
        <source>Last words</source>
        <translation>最近内容</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>已历时</translation>
    </message>
    <message>
        <source>Settled by %1</source>
        <translation>由 %1 选定</translation>
    </message>
    <message>
        <source>Entries differ: %1</source>
        <translation>录入不一致：%1 个</translation>
    </message>
    <message>
        <source>: </source>
        <comment>before words</comment>
        <translation>：</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>访视</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>质疑</translation>
    </message>
    <message>
        <source>Sign</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Not yet</source>
        <translation>暂不能签</translation>
    </message>
    <message>
        <source>Ticked</source>
        <translation>已勾选</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>已阅</translation>
    </message>
    <message>
        <source>To read</source>
        <translation>待阅</translation>
    </message>
    <message>
        <source>Changed since signed</source>
        <translation>签名后有修改</translation>
    </message>
    <message>
        <source>Complete, not signed</source>
        <translation>已完成，未签名</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Who and when</source>
        <translation>何人何时</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>发现的情况</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>待答复</translation>
    </message>
    <message>
        <source>Answered</source>
        <translation>已答复</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>中心</translation>
    </message>
    <message>
        <source>Data management</source>
        <translation>数据管理</translation>
    </message>
    <message>
        <source>today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>%1 d</source>
        <comment>days of age</comment>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>raised</source>
        <translation>提出</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>答复</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>reopened</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>Settled: %1</source>
        <translation>已选定：%1</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Partly verified</source>
        <translation>部分核对</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>已核对</translation>
    </message>
    <message>
        <source>Frozen</source>
        <translation>已冻结</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>已签名</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>%1 (also taken back at once: settle it)</source>
        <translation>%1（同时又被撤销：请处理）</translation>
    </message>
    <message>
        <source>Raise a query…</source>
        <translation>提出质疑…</translation>
    </message>
    <message>
        <source>Freeze…</source>
        <translation>冻结…</translation>
    </message>
    <message>
        <source>Take the freeze back…</source>
        <translation>解冻…</translation>
    </message>
    <message>
        <source>Lock…</source>
        <translation>锁定…</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>解锁…</translation>
    </message>
    <message>
        <source>%1: what is asked of the site?</source>
        <translation>%1：要向中心提出什么质疑？</translation>
    </message>
    <message>
        <source>%1: why is it frozen? Nothing can be entered from then on.</source>
        <translation>%1：为什么冻结？此后不能再录入。</translation>
    </message>
    <message>
        <source>%1: why is the freeze taken back?</source>
        <translation>%1：为什么解冻？</translation>
    </message>
    <message>
        <source>%1: why is it locked? Nothing can be entered from then on.</source>
        <translation>%1：为什么锁定？此后不能再录入。</translation>
    </message>
    <message>
        <source>%1: why is it unlocked?</source>
        <translation>%1：为什么解锁？</translation>
    </message>
    <message>
        <source>Raise query</source>
        <translation>提出质疑</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>Take the freeze back</source>
        <translation>解冻</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>To verify</source>
        <translation>待核对</translation>
    </message>
    <message>
        <source>Changed since</source>
        <translation>之后有修改</translation>
    </message>
    <message>
        <source>Authorship</source>
        <translation>录入</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审阅</translation>
    </message>
    <message>
        <source>Approval</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>content as signed</source>
        <translation>内容与签名时一致</translation>
    </message>
    <message>
        <source>changed since; the signature stands for the earlier content</source>
        <translation>之后有修改；签名只对应修改前的内容</translation>
    </message>
    <message>
        <source>Held: waiting for data management</source>
        <translation>暂挂：等待数据管理裁定</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>已接受</translation>
    </message>
    <message>
        <source>Declined</source>
        <translation>未接受</translation>
    </message>
    <message>
        <source>Counts; please look at it</source>
        <translation>有效，请查看</translation>
    </message>
</context>
<context>
    <name>OversightTabs</name>
    <message>
        <source>&amp;Queries</source>
        <translation>质疑(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Verification</source>
        <translation>原始数据核对(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Sign</source>
        <translation>签名(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Held entries</source>
        <translation>暂挂的录入(&amp;H)</translation>
    </message>
    <message>
        <source>Pages of data management</source>
        <translation>数据管理页面</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>Number, form, place or action</source>
        <translation>编号、表单、页面或操作</translation>
    </message>
    <message>
        <source>Find a subject, a form, a place or an action</source>
        <translation>查找受试者、表单、页面或操作</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>核查结果</translation>
    </message>
    <message>
        <source>Nothing fits. Try fewer letters, or a number such as A001.</source>
        <translation>没有相符项。请减少字数，或输入编号，如 A001。</translation>
    </message>
    <message>
        <source>Up and Down choose, Enter opens, Esc closes. Words in any order: a001 v2 lab</source>
        <translation>上下键选择，Enter 打开，Esc 关闭。词序不限，例如：a001 v2 实验室</translation>
    </message>
</context>
<context>
    <name>PaperPage</name>
    <message>
        <source>Paper</source>
        <translation>纸质文件</translation>
    </message>
    <message>
        <source>Check a PDF file…</source>
        <translation>核验 PDF 文件…</translation>
    </message>
    <message>
        <source>Check the signatures of a PDF file</source>
        <translation>核验 PDF 文件的签名</translation>
    </message>
    <message>
        <source>Papers of this subject</source>
        <translation>该受试者的文件</translation>
    </message>
    <message>
        <source>Choose a paper on the left to look at it.</source>
        <translation>请在左侧选择要查看的文件。</translation>
    </message>
    <message>
        <source>Sign…</source>
        <translation>签名…</translation>
    </message>
    <message>
        <source>Sign this paper</source>
        <translation>签署此文件</translation>
    </message>
    <message>
        <source>To print or sign</source>
        <translation>可打印或签名</translation>
    </message>
    <message>
        <source>Nothing was entered for this subject yet.</source>
        <translation>该受试者尚无录入内容。</translation>
    </message>
    <message>
        <source>Signed documents</source>
        <translation>已签名文件</translation>
    </message>
    <message>
        <source>Signed and recorded: %1</source>
        <translation>已签名并记录：%1</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
    <message>
        <source>Check a PDF file</source>
        <translation>核验 PDF 文件</translation>
    </message>
</context>
<context>
    <name>PaperSheet</name>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>打印</translation>
    </message>
    <message>
        <source>Save a copy…</source>
        <translation>另存副本…</translation>
    </message>
    <message>
        <source>Save a copy to a file</source>
        <translation>将副本保存为文件</translation>
    </message>
    <message>
        <source>Show smaller</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Show larger</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit width</source>
        <translation>适合宽度</translation>
    </message>
    <message>
        <source>Fit to the width</source>
        <translation>缩放至页宽</translation>
    </message>
    <message>
        <source>Pages of the document</source>
        <translation>文件页面</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>另存副本</translation>
    </message>
    <message>
        <source>Printing page %1 of %2</source>
        <translation>正在打印第 %1/%2 页</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Sent to the printer.</source>
        <translation>已发送至打印机。</translation>
    </message>
    <message>
        <source>Printing stopped. Check the printer, then print again.</source>
        <translation>打印中断。请检查打印机后重新打印。</translation>
    </message>
    <message>
        <source>Page %1 of %2</source>
        <translation>第 %1/%2 页</translation>
    </message>
</context>
<context>
    <name>PassphraseField</name>
    <message>
        <source>Caps Lock seems to be on.</source>
        <translation>大写锁定似乎已开启。</translation>
    </message>
    <message>
        <source>Hide the passphrase</source>
        <translation>隐藏密码</translation>
    </message>
    <message>
        <source>Show the passphrase</source>
        <translation>显示密码</translation>
    </message>
</context>
<context>
    <name>PastePreview</name>
    <message>
        <source>Pasted results</source>
        <translation>粘贴的结果</translation>
    </message>
    <message>
        <source>Ready: %1.</source>
        <translation>可采用：%1。</translation>
    </message>
    <message>
        <source>Waiting for a choice: %1.</source>
        <translation>待选择：%1。</translation>
    </message>
    <message>
        <source>Not understood, at the end: %1.</source>
        <translation>无法识别（列于末尾）：%1。</translation>
    </message>
    <message>
        <source>Nothing that was copied can be read as results.</source>
        <translation>剪贴板内容中没有可识别的检验结果。</translation>
    </message>
    <message>
        <source>Nothing is kept until you take it.</source>
        <translation>在您采用之前不会保存任何内容。</translation>
    </message>
    <message>
        <source>Take %1 (Enter)</source>
        <translation>采用 %1 项（Enter）</translation>
    </message>
    <message>
        <source>Tick %1 more as shown</source>
        <translation>按所示再勾选 %1 项</translation>
    </message>
    <message>
        <source>Take %1 and %2 ranges (Enter)</source>
        <translation>采用 %1 项和 %2 个参考范围（Enter）</translation>
    </message>
    <message>
        <source>Take %2 ranges (Enter)</source>
        <translation>采用 %2 个参考范围（Enter）</translation>
    </message>
    <message>
        <source>Without the reference ranges</source>
        <translation>不采用参考范围</translation>
    </message>
    <message>
        <source>With %1 reference ranges</source>
        <translation>同时采用 %1 个参考范围</translation>
    </message>
    <message>
        <source>With the reference ranges of the report, “%1” is answered: %2.</source>
        <translation>采用报告单的参考范围时，“%1”一并填写为：%2。</translation>
    </message>
    <message>
        <source>Recorded values that change: %1. Why? One reason goes to all of them.</source>
        <translation>有 %1 个已记录的值将被更改。原因是什么？同一原因用于全部更改。</translation>
    </message>
    <message>
        <source>Take nothing (Esc)</source>
        <translation>全部不采用（Esc）</translation>
    </message>
    <message>
        <source>Not understood: copy by hand what is needed</source>
        <translation>无法识别：请手工录入所需内容</translation>
    </message>
</context>
<context>
    <name>PastedRow</name>
    <message>
        <source>choose…</source>
        <translation>请选择…</translation>
    </message>
    <message>
        <source>not decided yet</source>
        <translation>尚未确定</translation>
    </message>
    <message>
        <source>Take %1</source>
        <translation>采用 %1</translation>
    </message>
    <message>
        <source>How to read: %1</source>
        <translation>如何读取：%1</translation>
    </message>
    <message>
        <source>Reference %1</source>
        <translation>参考 %1</translation>
    </message>
    <message>
        <source>Take the reference range of the report, %1: %2</source>
        <translation>采用报告单的参考范围，%1：%2</translation>
    </message>
</context>
<context>
    <name>PeoplePage</name>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Delegated</source>
        <translation>授权</translation>
    </message>
    <message>
        <source>On this laptop</source>
        <translation>在本机</translation>
    </message>
    <message>
        <source>Unblinding data</source>
        <translation>揭盲数据</translation>
    </message>
    <message>
        <source>%1 (you)</source>
        <translation>%1（本人）</translation>
    </message>
    <message>
        <source>by role, none needed</source>
        <translation>按角色，无需授权</translation>
    </message>
    <message>
        <source>no delegation log yet</source>
        <translation>尚无授权分工表</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>自 %1 起</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>not delegated today</source>
        <translation>今日无授权</translation>
    </message>
    <message>
        <source>signs in here</source>
        <translation>可在本机登录</translation>
    </message>
    <message>
        <source>signs in here; certificate pending</source>
        <translation>可在本机登录；证书待签发</translation>
    </message>
    <message>
        <source>not on this laptop</source>
        <translation>不在本机</translation>
    </message>
    <message>
        <source>opens it</source>
        <translation>可打开</translation>
    </message>
    <message>
        <source>waiting: a colleague who has the key signs in</source>
        <translation>等待：需持有密钥的同事登录</translation>
    </message>
    <message>
        <source>blinded</source>
        <translation>盲态</translation>
    </message>
    <message>
        <source>Choose a colleague who signs in on this laptop.</source>
        <translation>请选择一位可在本机登录的同事。</translation>
    </message>
    <message>
        <source>&amp;Delegation log</source>
        <translation>授权分工表(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;What each role may do</source>
        <translation>各角色权限(&amp;W)</translation>
    </message>
    <message>
        <source>People of this site</source>
        <translation>本中心人员</translation>
    </message>
    <message>
        <source>&amp;Add a person…</source>
        <translation>添加人员(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Let in again…</source>
        <translation>重新授权登录(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Remove from this laptop…</source>
        <translation>从本机移除(&amp;R)…</translation>
    </message>
    <message>
        <source>Add a person to this laptop</source>
        <translation>在本机添加人员</translation>
    </message>
    <message>
        <source>With a personal &amp;code from the data manager (needs the network)</source>
        <translation>使用数据管理员发放的个人代码(&amp;C)（需要网络）</translation>
    </message>
    <message>
        <source>&amp;Here and now, without the network</source>
        <translation>现在就在本机添加，无需网络(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Personal code</source>
        <translation>个人代码(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>姓名(&amp;N)</translation>
    </message>
    <message>
        <source>As colleagues know them.</source>
        <translation>同事所用的称呼。</translation>
    </message>
    <message>
        <source>&amp;Short name</source>
        <translation>简称(&amp;S)</translation>
    </message>
    <message>
        <source>Small letters, such as wang.l; it never changes.</source>
        <translation>小写字母，例如 wang.l；以后不能更改。</translation>
    </message>
    <message>
        <source>Rol&amp;e</source>
        <translation>角色(&amp;E)</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Their new passphrase</source>
        <translation>其新密码</translation>
    </message>
    <message>
        <source>They type it themselves.</source>
        <translation>由本人输入。</translation>
    </message>
    <message>
        <source>Their passphrase again</source>
        <translation>再次输入其密码</translation>
    </message>
    <message>
        <source>Let them in</source>
        <translation>授权登录</translation>
    </message>
    <message>
        <source>They forgot their passphrase: they type a new one here. Their old keys sign nothing any more and what they signed stays valid. Until their new keys are certified they work as “certificate pending”: the next sync does it where you may let people in, else a personal code.</source>
        <translation>该同事忘记了密码：请其在此输入新密码。旧密钥不再用于签名，已签署的内容仍然有效。新密钥认证之前显示为“证书待签发”：如您有权授权他人登录，下次同步即完成认证，否则需使用个人代码。</translation>
    </message>
    <message>
        <source>Let them in again</source>
        <translation>重新授权登录</translation>
    </message>
    <message>
        <source>Have my &amp;keys certified…</source>
        <translation>认证我的密钥(&amp;K)…</translation>
    </message>
    <message>
        <source>Have your keys certified</source>
        <translation>认证您的密钥</translation>
    </message>
    <message>
        <source>Your keys on this laptop are not certified yet: what you enter is kept and waits. A personal code from the data manager certifies them; the network is needed.</source>
        <translation>您在本机的密钥尚未认证：您录入的内容会保存并等待。请使用数据管理员发放的个人代码进行认证，需要网络。</translation>
    </message>
    <message>
        <source>Personal code</source>
        <translation>个人代码</translation>
    </message>
    <message>
        <source>Certify</source>
        <translation>认证</translation>
    </message>
    <message>
        <source>They no longer sign in here, and the keys of this laptop are renewed. What they entered stays in the record. Their account in the study is ended by the data manager.</source>
        <translation>该人员将不能再在本机登录，本机密钥随之更换。其录入的内容保留在记录中。其研究账号由数据管理员停用。</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>To prove that it is you.</source>
        <translation>用于确认是您本人。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消（Esc）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Let %1 in again</source>
        <translation>为 %1 重新授权登录</translation>
    </message>
    <message>
        <source>Remove %1 from this laptop</source>
        <translation>从本机移除 %1</translation>
    </message>
    <message>
        <source>They work at once. Their keys are certified at the next sync.</source>
        <translation>立即可以工作，密钥在下次同步时认证。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Talking to the server.</source>
        <translation>正在与服务器通信。</translation>
    </message>
    <message>
        <source>Your keys are certified; the next sync brings the certificate.</source>
        <translation>您的密钥已认证；下次同步时取得证书。</translation>
    </message>
    <message>
        <source>Making their keys. This takes some seconds.</source>
        <translation>正在生成密钥，需要几秒钟。</translation>
    </message>
    <message>
        <source>Talking to the server and making their keys. This takes some seconds.</source>
        <translation>正在与服务器通信并生成密钥，需要几秒钟。</translation>
    </message>
    <message>
        <source>%1 can sign in on this laptop now.</source>
        <translation>%1 现在可以在本机登录。</translation>
    </message>
    <message>
        <source>%1 no longer signs in on this laptop.</source>
        <translation>%1 已不能在本机登录。</translation>
    </message>
    <message>
        <source>The two passphrases differ. Type the second one again.</source>
        <translation>两次输入的密码不一致。请重新输入第二次的密码。</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>This laptop</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>on this laptop only</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>On the way</source>
        <translation>传送中</translation>
    </message>
    <message>
        <source>in a bundle</source>
        <translation>在数据包中</translation>
    </message>
    <message>
        <source>sent now</source>
        <translation>本次已发送</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>received by the server</source>
        <translation>服务器已接收</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>in a backup of the server</source>
        <translation>在服务器备份中</translation>
    </message>
    <message>
        <source>Came from other laptops and the server: %1.</source>
        <translation>来自其他电脑和服务器：%1 条。</translation>
    </message>
</context>
<context>
    <name>QueriesPage</name>
    <message>
        <source>Queries</source>
        <translation>质疑</translation>
    </message>
    <message>
        <source>Raised by anybody</source>
        <translation>任何人提出</translation>
    </message>
    <message>
        <source>All subjects</source>
        <translation>全部受试者</translation>
    </message>
    <message>
        <source>No query fits. Change what you look for.</source>
        <translation>没有符合条件的质疑。请更改查找条件。</translation>
    </message>
    <message>
        <source>There is no query. Alt+Q in a form raises one, if your role may.</source>
        <translation>没有质疑。如您的角色允许，可在表单中按 Alt+Q 提出。</translation>
    </message>
    <message>
        <source>%1 of %2 queries. Enter leads to the value, Alt+A answers.</source>
        <translation>共 %2 条质疑，显示 %1 条。按 Enter 转到该值，按 Alt+A 答复。</translation>
    </message>
    <message>
        <source>Find by words</source>
        <translation>按文字查找</translation>
    </message>
    <message>
        <source>Find queries by subject, item, value or words</source>
        <translation>按受试者、项目、值或文字查找质疑</translation>
    </message>
    <message>
        <source>State of the queries that are shown</source>
        <translation>所显示质疑的状态</translation>
    </message>
    <message>
        <source>Not closed</source>
        <translation>未关闭</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>待答复</translation>
    </message>
    <message>
        <source>Answered</source>
        <translation>已答复</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Any state</source>
        <translation>任何状态</translation>
    </message>
    <message>
        <source>Whose turn it is</source>
        <translation>轮到谁处理</translation>
    </message>
    <message>
        <source>Anybody&apos;s turn</source>
        <translation>任何一方处理</translation>
    </message>
    <message>
        <source>The site&apos;s turn</source>
        <translation>轮到中心</translation>
    </message>
    <message>
        <source>Data management&apos;s turn</source>
        <translation>轮到数据管理</translation>
    </message>
    <message>
        <source>Age of the queries that are shown</source>
        <translation>所显示质疑的历时</translation>
    </message>
    <message>
        <source>Any age</source>
        <translation>不限时间</translation>
    </message>
    <message>
        <source>A week and older</source>
        <translation>一周及以上</translation>
    </message>
    <message>
        <source>Four weeks and older</source>
        <translation>四周及以上</translation>
    </message>
    <message>
        <source>Who raised the queries that are shown</source>
        <translation>所显示质疑的提出人</translation>
    </message>
    <message>
        <source>Subject of the queries that are shown</source>
        <translation>所显示质疑的受试者</translation>
    </message>
    <message>
        <source>Queries; Enter leads to what is asked about</source>
        <translation>质疑；按 Enter 转到所问的位置</translation>
    </message>
</context>
<context>
    <name>QueryThread</name>
    <message>
        <source>Value now: %1</source>
        <translation>当前值：%1</translation>
    </message>
    <message>
        <source>%1, turn: %2</source>
        <translation>%1（由 %2 处理）</translation>
    </message>
    <message>
        <source>&amp;Answer…</source>
        <translation>答复(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Answer: choose</source>
        <translation>选定(&amp;A)</translation>
    </message>
    <message>
        <source>As&amp;k the site…</source>
        <translation>询问中心(&amp;K)…</translation>
    </message>
    <message>
        <source>&amp;Close query…</source>
        <translation>关闭质疑(&amp;C)…</translation>
    </message>
    <message>
        <source>&amp;Reopen…</source>
        <translation>重新打开(&amp;R)…</translation>
    </message>
    <message>
        <source>Go to the value (Enter)</source>
        <translation>转到该值（Enter）</translation>
    </message>
    <message>
        <source>Go there (Enter)</source>
        <translation>转到该处（Enter）</translation>
    </message>
    <message>
        <source>What is asked of the site? Choosing is theirs.</source>
        <translation>要询问中心什么？由中心选定。</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>What is the answer?</source>
        <translation>如何答复？</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>答复</translation>
    </message>
    <message>
        <source>The query is settled. Is there more to say?</source>
        <translation>质疑已解决。还有要说明的吗？</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Why is it opened again?</source>
        <translation>为什么重新打开？</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>重新打开</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Subjects</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Randomise</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Paper</source>
        <translation>纸质文件</translation>
    </message>
    <message>
        <source>Sync</source>
        <translation>同步</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Site file</source>
        <translation>中心档案</translation>
    </message>
    <message>
        <source>Queries</source>
        <translation>质疑</translation>
    </message>
</context>
<context>
    <name>RailButton</name>
    <message>
        <source>You are here</source>
        <translation>当前页面</translation>
    </message>
</context>
<context>
    <name>Randomise</name>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Standing</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Criteria</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>Time limits</source>
        <translation>时限</translation>
    </message>
    <message>
        <source>Randomised, form not complete</source>
        <translation>已随机，表单未完成</translation>
    </message>
    <message>
        <source>May be randomised</source>
        <translation>可以随机</translation>
    </message>
    <message>
        <source>Not yet</source>
        <translation>尚未到时间</translation>
    </message>
    <message>
        <source>Facts missing</source>
        <translation>资料不全</translation>
    </message>
    <message>
        <source>A time limit has ended</source>
        <translation>时限已过</translation>
    </message>
    <message>
        <source>Criteria stand against</source>
        <translation>不符合标准</translation>
    </message>
    <message>
        <source>First missing: %1</source>
        <translation>首先补充：%1</translation>
    </message>
</context>
<context>
    <name>RandomisePage</name>
    <message>
        <source>Randomise</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Casebook does not randomise by itself yet: randomise in the study&apos;s central system, then record here what it says. Number and treatment are each entered twice.</source>
        <translation>Casebook 目前不能直接随机：请先在研究的中央随机系统中完成随机，再在此登记结果。随机号与治疗组各录入两次。</translation>
    </message>
    <message>
        <source>Now or soon</source>
        <translation>现在或即将</translation>
    </message>
    <message>
        <source>Not any more</source>
        <translation>已不能随机</translation>
    </message>
    <message>
        <source>Nobody has been found unfit, and no time limit has ended.</source>
        <translation>没有不符合标准的受试者，也没有时限已过的受试者。</translation>
    </message>
    <message>
        <source>Nobody waits to be randomised. Subjects show here as soon as they are added.</source>
        <translation>没有等待随机的受试者。受试者添加后即显示在此处。</translation>
    </message>
    <message>
        <source>Choose a subject first.</source>
        <translation>请先选择受试者。</translation>
    </message>
    <message>
        <source>Which subjects are shown</source>
        <translation>显示哪些受试者</translation>
    </message>
    <message>
        <source>&amp;Record the result</source>
        <translation>登记随机结果(&amp;R)</translation>
    </message>
    <message>
        <source>Record the result of the randomisation of the subject in front</source>
        <translation>登记所选受试者的随机结果</translation>
    </message>
    <message>
        <source>&amp;Eligibility</source>
        <translation>入选资格(&amp;E)</translation>
    </message>
    <message>
        <source>Show the criteria of the subject in front</source>
        <translation>查看所选受试者的入选与排除标准</translation>
    </message>
    <message>
        <source>Subjects to be randomised; Enter leads to the form, or to the criteria where something is missing</source>
        <translation>待随机的受试者；按 Enter 打开随机表单，资料不全时打开入排标准</translation>
    </message>
</context>
<context>
    <name>ReasonPanel</name>
    <message>
        <source>Another reason, in words</source>
        <translation>其他原因（请说明）</translation>
    </message>
    <message>
        <source>Give this reason</source>
        <translation>采用此原因</translation>
    </message>
    <message>
        <source>Leave as it was (Esc)</source>
        <translation>保持原值（Esc）</translation>
    </message>
    <message>
        <source>Leave as it was</source>
        <translation>保持原值</translation>
    </message>
</context>
<context>
    <name>RecoverPage</name>
    <message>
        <source>Forgotten your passphrase?</source>
        <translation>忘记密码？</translation>
    </message>
    <message>
        <source>&amp;Recovery code</source>
        <translation>恢复码(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Personal code</source>
        <translation>个人代码(&amp;P)</translation>
    </message>
    <message>
        <source>It stands for you and your role. It works once.</source>
        <translation>代表您本人及您的角色，仅可使用一次。</translation>
    </message>
    <message>
        <source>&amp;New passphrase</source>
        <translation>新密码(&amp;N)</translation>
    </message>
    <message>
        <source>Spaces and hyphens do not matter.</source>
        <translation>空格和连字符不影响。</translation>
    </message>
    <message>
        <source>There are three ways back in, and nothing recorded is lost by any of them:
1. A colleague who signs in here lets you in again: Settings, People, “Let in again”. The simplest way, and the only one for a blinded assessor.
2. The recovery sheet of this laptop, below.
3. The study&apos;s custodians, through your data manager: they make a code that is typed below like that of a sheet.</source>
        <translation>重新登录有三种方法，均不会丢失任何记录：
1. 由可在本机登录的同事为您重新授权：“设置”—“人员”—“重新授权登录”。这是最简单的方法，也是盲法评估者唯一可用的方法。
2. 使用本机的恢复单，见下方。
3. 通过数据管理员联系研究密钥托管人：由其生成代码，与恢复单代码一样在下方输入。</translation>
    </message>
    <message>
        <source>For the sheet, ask your data manager for a new personal code too; the network is needed. The use is written into the audit trail, the keys of this laptop are renewed, and a new sheet is made.</source>
        <translation>使用恢复单时，还需向数据管理员索取新的个人代码，并需要网络。使用情况会写入稽查轨迹，本机密钥随之更换，并生成新的恢复单。</translation>
    </message>
    <message>
        <source>&amp;Who are you?</source>
        <translation>您是哪位？(&amp;W)</translation>
    </message>
    <message>
        <source>not in this list</source>
        <translation>不在列表中</translation>
    </message>
    <message>
        <source>Who are you?</source>
        <translation>您是哪位？</translation>
    </message>
    <message>
        <source>Four or five unrelated words are strong.</source>
        <translation>四五个互不相关的词就很安全。</translation>
    </message>
    <message>
        <source>New passphrase &amp;again</source>
        <translation>再次输入新密码(&amp;A)</translation>
    </message>
    <message>
        <source>Set the new passphrase</source>
        <translation>设置新密码</translation>
    </message>
    <message>
        <source>Talking to the server and making your new keys. This takes some seconds.</source>
        <translation>正在连接服务器并生成您的新密钥，需要几秒钟。</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>返回(&amp;B)</translation>
    </message>
    <message>
        <source>Your new passphrase is set. The old recovery sheet opens nothing any more: destroy it.</source>
        <translation>新密码已设置。旧恢复单已失效，请销毁。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>The two passphrases differ. Type the second one again.</source>
        <translation>两次输入的密码不一致。请重新输入第二次。</translation>
    </message>
    <message>
        <source>Recovery sheet</source>
        <translation>恢复单</translation>
    </message>
    <message>
        <source>Saved as %1. Print it and delete it.</source>
        <translation>已保存为 %1。请打印后删除该文件。</translation>
    </message>
</context>
<context>
    <name>RecoveryCode</name>
    <message>
        <source>Write down the recovery code</source>
        <translation>请抄写恢复码</translation>
    </message>
    <message>
        <source>It opens this laptop&apos;s records when every passphrase is forgotten. It is shown once and stored nowhere. Print it or write it on paper, and lock the paper away, apart from the laptop.</source>
        <translation>所有密码都忘记时，用它打开本机的记录。它只显示一次，不保存在任何地方。请打印或抄写在纸上，并上锁保管，不要与电脑放在一起。</translation>
    </message>
    <message>
        <source>Recovery code</source>
        <translation>恢复码</translation>
    </message>
    <message>
        <source>&amp;Print the sheet…</source>
        <translation>打印恢复单(&amp;P)…</translation>
    </message>
    <message>
        <source>Save the sheet…</source>
        <translation>保存恢复单…</translation>
    </message>
    <message>
        <source>A file opens the laptop as the paper does: print it and delete it.</source>
        <translation>该文件与纸质恢复单作用相同：请打印后删除。</translation>
    </message>
    <message>
        <source>&amp;Type it back from your paper</source>
        <translation>请照抄写的纸张重新输入(&amp;T)</translation>
    </message>
    <message>
        <source>Spaces and hyphens do not matter.</source>
        <translation>空格和连字符不影响。</translation>
    </message>
    <message>
        <source>I have it on paper</source>
        <translation>我已有纸质恢复单</translation>
    </message>
    <message>
        <source>Sent to the printer.</source>
        <translation>已发送到打印机。</translation>
    </message>
    <message>
        <source>This is not the code above. Compare it group by group with your paper.</source>
        <translation>与上方恢复码不符。请逐组与纸上内容核对。</translation>
    </message>
</context>
<context>
    <name>RedactPage</name>
    <message>
        <source>Redaction: %1</source>
        <translation>遮蔽：%1</translation>
    </message>
    <message>
        <source>%1, by %2, %3</source>
        <comment>value; who; when</comment>
        <translation>%1，%2，%3</translation>
    </message>
    <message>
        <source>Nothing is recorded in this item.</source>
        <translation>该项目没有录入内容。</translation>
    </message>
    <message>
        <source>Nobody else who may redact signs in on this laptop: let a second person in first.</source>
        <translation>本机没有其他有遮蔽权限的人员：请先为第二个人授权登录。</translation>
    </message>
    <message>
        <source>For a name or another personal detail that was typed by mistake. The value is taken out of the record for good, here and on every copy; that it was, by whom and why, stays. A wrong value is corrected, not redacted.</source>
        <translation>用于误录入的姓名或其他个人信息。该内容将从本机及所有副本的记录中永久移除；何人、因何移除仍会保留。数值错误应更正，不应遮蔽。</translation>
    </message>
    <message>
        <source>&amp;Entry</source>
        <translation>录入(&amp;E)</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>录入</translation>
    </message>
    <message>
        <source>&amp;Why</source>
        <translation>原因(&amp;W)</translation>
    </message>
    <message>
        <source>Without the detail itself: the reason stays readable.</source>
        <translation>请勿写入该信息本身：原因会一直可见。</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>The &amp;second person</source>
        <translation>第二个人(&amp;S)</translation>
    </message>
    <message>
        <source>The second person</source>
        <translation>第二个人</translation>
    </message>
    <message>
        <source>Their passphrase</source>
        <translation>其密码</translation>
    </message>
    <message>
        <source>They type it themselves.</source>
        <translation>由本人输入。</translation>
    </message>
    <message>
        <source>Take it out for good</source>
        <translation>永久移除</translation>
    </message>
    <message>
        <source>For a photo or a file that must not be in the record: a face, another patient&apos;s page. Its key is destroyed, here and on every copy, so that nobody can open it any more; that it was taken out, by whom and why, stays. A file that is merely wrong is struck through.</source>
        <translation>适用于不应出现在记录中的照片或文件，例如人脸或其他患者的页面。其密钥将在本机及所有副本上销毁，任何人都无法再打开；由谁、因何移除会保留记录。仅仅附错的文件请划除。</translation>
    </message>
    <message>
        <source>This entry has no value any more. Choose another one.</source>
        <translation>该录入已无内容，请选择其他录入。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>The value is taken out. The audit trail says so.</source>
        <translation>内容已移除，稽查轨迹中有记录。</translation>
    </message>
</context>
<context>
    <name>RegionsEditor</name>
    <message>
        <source>The marks of %1 were taken back.</source>
        <translation>已取消 %1 的标记。</translation>
    </message>
    <message>
        <source>Choose the side first, at “%1”.</source>
        <translation>请先填写“%1”。</translation>
    </message>
    <message>
        <source>The side is now “%1”. The marked regions count for this side; look whether they still hold.</source>
        <translation>侧别现为“%1”。已标记的区域按该侧计算，请核对是否仍然正确。</translation>
    </message>
    <message>
        <source>No side is given any more. The marked regions stay in the list.</source>
        <translation>侧别已清空。已标记的区域仍保留在列表中。</translation>
    </message>
    <message>
        <source>%1 of %2 regions marked</source>
        <translation>已标记 %1 / %2 个区域</translation>
    </message>
    <message>
        <source>No region marked yet</source>
        <translation>尚未标记区域</translation>
    </message>
    <message>
        <source>marked</source>
        <translation>已标记</translation>
    </message>
    <message>
        <source>not marked</source>
        <translation>未标记</translation>
    </message>
    <message>
        <source>Put them back</source>
        <translation>恢复标记</translation>
    </message>
    <message>
        <source>This is the other side. The side chosen is “%1”; change it above if it is wrong.</source>
        <translation>这是对侧。当前所选为“%1”；如有误，请在上方更改。</translation>
    </message>
</context>
<context>
    <name>RetirePage</name>
    <message>
        <source>Retire this laptop</source>
        <translation>停用本机</translation>
    </message>
    <message>
        <source>Retiring removes the keys and all records from this laptop, for good. Do it when the laptop leaves the study or is given away. Casebook synchronises once more before it begins.</source>
        <translation>停用会永久删除本机的密钥和全部记录。请在本机退出研究或转交他人时进行。开始之前会再同步一次。</translation>
    </message>
    <message>
        <source>Rescue copy</source>
        <translation>救援副本</translation>
    </message>
    <message>
        <source>Needed while something is only here; good to have in any case. It holds everything encrypted, as it lies on this laptop; your passphrase, the recovery sheet or the study&apos;s custodians open it. Put it on a USB drive or a network folder, not on this laptop.</source>
        <translation>有内容仅在本机时必须制作，其他情况下也建议制作。副本以加密形式保存本机的全部内容，可用您的密码、恢复单或由研究密钥托管人打开。请存放在 U 盘或网络文件夹中，不要放在本机。</translation>
    </message>
    <message>
        <source>&amp;Folder for the rescue copy</source>
        <translation>保存救援副本的文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>Leave it empty for no copy.</source>
        <translation>不制作副本则留空。</translation>
    </message>
    <message>
        <source>&amp;Choose a folder…</source>
        <translation>选择文件夹(&amp;C)…</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Your &amp;passphrase</source>
        <translation>您的密码(&amp;P)</translation>
    </message>
    <message>
        <source>Number of this &amp;site</source>
        <translation>本中心编号(&amp;S)</translation>
    </message>
    <message>
        <source>Type the three digits: they say that you mean this laptop.</source>
        <translation>请输入三位数字，以确认所指的是本机。</translation>
    </message>
    <message>
        <source>&amp;Retire this laptop for good</source>
        <translation>永久停用本机(&amp;R)</translation>
    </message>
    <message>
        <source>Retiring under way</source>
        <translation>正在停用</translation>
    </message>
    <message>
        <source>This folder is on the laptop&apos;s own disk: the copy is lost with the laptop. Choose a USB drive or a network folder, or move the copy there before the laptop leaves.</source>
        <translation>该文件夹位于本机自身的磁盘上：电脑丢失时，副本也会一并丢失。请选择 U 盘或网络文件夹，或在电脑移交前将副本移走。</translation>
    </message>
    <message>
        <source>Under way.</source>
        <translation>正在进行。</translation>
    </message>
    <message>
        <source>Synchronising once more, then copying and checking. Do not switch off.</source>
        <translation>正在再次同步，然后复制并核对。请勿关机。</translation>
    </message>
    <message>
        <source>Folder for the rescue copy</source>
        <translation>保存救援副本的文件夹</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
</context>
<context>
    <name>RetiredDoor</name>
    <message>
        <source>This laptop is retired</source>
        <translation>本机已停用</translation>
    </message>
    <message>
        <source>Retiring was not finished</source>
        <translation>停用未完成</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>关闭(&amp;C)</translation>
    </message>
    <message>
        <source>Its keys and records are removed.</source>
        <translation>密钥和记录已删除。</translation>
    </message>
    <message>
        <source>The rescue copy was read back and is whole. Give it to your data manager, who needs its place and this checksum (SHA-256):</source>
        <translation>救援副本已回读核对，内容完整。请交给数据管理员，并告知存放位置和以下校验码（SHA-256）：</translation>
    </message>
    <message>
        <source>The server has everything that was on it.</source>
        <translation>其全部内容均已由服务器接收。</translation>
    </message>
    <message>
        <source>Files in its folder that are not Casebook&apos;s were left: %1.</source>
        <translation>文件夹中不属于 Casebook 的文件未删除：%1 个。</translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>Source data verification</source>
        <translation>原始数据核对</translation>
    </message>
    <message>
        <source>All subjects</source>
        <translation>全部受试者</translation>
    </message>
    <message>
        <source>All visits</source>
        <translation>全部访视</translation>
    </message>
    <message>
        <source>%1 of %2 verified</source>
        <translation>已核对 %1 / %2</translation>
    </message>
    <message>
        <source>Nothing that is to be verified is recorded yet.</source>
        <translation>尚无需要核对的记录。</translation>
    </message>
    <message>
        <source>Nothing of this kind is left here.</source>
        <translation>此类数据已全部处理。</translation>
    </message>
    <message>
        <source>Left to verify</source>
        <translation>尚待核对</translation>
    </message>
    <message>
        <source>Never verified</source>
        <translation>从未核对</translation>
    </message>
    <message>
        <source>Changed since</source>
        <translation>核对后有修改</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>已核对</translation>
    </message>
    <message>
        <source>All values</source>
        <translation>全部值</translation>
    </message>
    <message>
        <source>Which values are shown</source>
        <translation>显示哪些值</translation>
    </message>
    <message>
        <source>Subject of the values that are shown</source>
        <translation>所显示值的受试者</translation>
    </message>
    <message>
        <source>Visit of the values that are shown</source>
        <translation>所显示值的访视</translation>
    </message>
    <message>
        <source>Values to verify; Space marks and goes on, Q raises a query</source>
        <translation>待核对的值；按空格键标记并转到下一个，按 Q 提出质疑</translation>
    </message>
    <message>
        <source>As in the source (Space)</source>
        <translation>与原始资料一致（空格键）</translation>
    </message>
    <message>
        <source>Mark as verified against the source</source>
        <translation>标记为已与原始资料核对</translation>
    </message>
    <message>
        <source>Differs: raise a query (Q)</source>
        <translation>不一致：提出质疑（Q）</translation>
    </message>
    <message>
        <source>Raise a query on this value</source>
        <translation>对该值提出质疑</translation>
    </message>
    <message>
        <source>Take the mark back</source>
        <translation>撤销标记</translation>
    </message>
    <message>
        <source>Go to the form (Enter)</source>
        <translation>转到表单（Enter）</translation>
    </message>
    <message>
        <source>Go to the form</source>
        <translation>转到表单</translation>
    </message>
    <message>
        <source>%1: what differs from the source?</source>
        <translation>%1：与原始资料有何不同？</translation>
    </message>
    <message>
        <source>Raise query</source>
        <translation>提出质疑</translation>
    </message>
</context>
<context>
    <name>RolesPage</name>
    <message>
        <source>What each role may do</source>
        <translation>各角色权限</translation>
    </message>
    <message>
        <source>What</source>
        <translation>权限</translation>
    </message>
    <message>
        <source>Who may</source>
        <translation>具备该权限的角色</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>role: forms</comment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>无</translation>
    </message>
    <message>
        <source>&amp;Pages to print</source>
        <translation>打印页面(&amp;P)</translation>
    </message>
    <message>
        <source>Show the pages of the matrix, to print or save them</source>
        <translation>显示权限表的页面，以便打印或保存</translation>
    </message>
    <message>
        <source>The study says so. At a site with a delegation log, delegated roles need an entry of the day too.</source>
        <translation>依研究规定。中心建立授权分工表后，需授权的角色还须有当日有效的授权。</translation>
    </message>
    <message>
        <source>Rights, and which roles have them</source>
        <translation>权限及具备该权限的角色</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>SamePersonPage</name>
    <message>
        <source>Same person?</source>
        <translation>是否为同一人？</translation>
    </message>
    <message>
        <source>What is told of both</source>
        <translation>两名受试者的资料对照</translation>
    </message>
    <message>
        <source>&amp;Why</source>
        <translation>原因(&amp;W)</translation>
    </message>
    <message>
        <source>By what you compared the two; nothing about the treatment.</source>
        <translation>写明依据哪些资料比对；不要写与治疗分组有关的内容。</translation>
    </message>
    <message>
        <source>The other way round</source>
        <translation>互换方向</translation>
    </message>
    <message>
        <source>Next pair</source>
        <translation>下一对</translation>
    </message>
    <message>
        <source>No two subjects look like one person.</source>
        <translation>没有疑似同一人的受试者。</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>Open the casebook of %1</source>
        <translation>打开 %1 的病例册</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>%1: %2, %3. %4</source>
        <translation>%1：%2，%3。%4</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>不同</translation>
    </message>
    <message>
        <source>%1 and %2 look like the same person (%3 agree). Compare, then say whether they are.</source>
        <translation>%1 与 %2 可能为同一人（%3 一致）。请核对后说明是否为同一人。</translation>
    </message>
    <message>
        <source>Proposed: %2 is the same person as %1. A second person of data management confirms it.</source>
        <translation>已提出：%2 与 %1 为同一人。须由数据管理部门的另一人确认。</translation>
    </message>
    <message>
        <source>Proposed: %2 is not the same person as %1 after all. Data management confirms it.</source>
        <translation>已提出：%2 与 %1 并非同一人，解除关联。须由数据管理部门确认。</translation>
    </message>
    <message>
        <source>%2 is the same person as %1: its forms stand in that casebook, with their own number.</source>
        <translation>%2 与 %1 为同一人：其表单显示在该病例册中，并注明原编号。</translation>
    </message>
    <message>
        <source>The links of %1 and %2 contradict each other and have no effect. End the wrong one.</source>
        <translation>%1 与 %2 的关联互相矛盾，均未生效。请解除错误的关联。</translation>
    </message>
    <message>
        <source>%1 and %2 are linked, and both are randomised: a critical deviation. Tell the principal investigator and the sponsor today, and end the link.</source>
        <translation>%1 与 %2 已关联，且均已随机：此为重大方案偏离。请于今日告知主要研究者和申办者，并解除关联。</translation>
    </message>
    <message>
        <source>Two subjects have the number %1: a copy of a laptop was at work. Look which papers and tubes carry it, then give one of them a new number; the old one stays beside it.</source>
        <translation>两名受试者使用了同一编号 %1：曾有电脑的副本在使用。请查明哪些纸质文件和试管标有该编号，再为其中一人给予新编号；原编号仍一并显示。</translation>
    </message>
    <message>
        <source>Somebody said that %1 and %2 are not the same person.</source>
        <translation>已有人说明 %1 与 %2 不是同一人。</translation>
    </message>
    <message>
        <source>Nothing says that %1 and %2 are the same person.</source>
        <translation>没有资料表明 %1 与 %2 为同一人。</translation>
    </message>
    <message>
        <source>Propose: &amp;one person, shown as %1</source>
        <translation>提出：为同一人，显示为 %1(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Not the same person</source>
        <translation>不是同一人(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Confirm</source>
        <translation>确认(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Decline</source>
        <translation>不同意(&amp;D)</translation>
    </message>
    <message>
        <source>Propose to &amp;end the link</source>
        <translation>提出解除关联(&amp;E)</translation>
    </message>
    <message>
        <source>Give the second of them a new n&amp;umber</source>
        <translation>为后者给予新编号(&amp;U)</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Kept. The audit trail of both says so.</source>
        <translation>已保存，并记入两者的稽查轨迹。</translation>
    </message>
</context>
<context>
    <name>ScoreCard</name>
    <message>
        <source>Leave it (Esc)</source>
        <translation>保持不变（Esc）</translation>
    </message>
    <message>
        <source>Leave the grade as it is</source>
        <translation>保持原评分不变</translation>
    </message>
    <message>
        <source>%1: give the new grade.</source>
        <translation>%1：请给出新的评分。</translation>
    </message>
    <message>
        <source>This item is scored. Why does its grade change?</source>
        <translation>此项已评分。为何更改？</translation>
    </message>
    <message>
        <source>Give %1 (S)</source>
        <translation>评 %1（S）</translation>
    </message>
    <message>
        <source>Give the suggested grade %1</source>
        <translation>采用建议评分 %1</translation>
    </message>
    <message>
        <source>Give all %1 suggested grades (A)</source>
        <translation>采用全部 %1 项建议评分（A）</translation>
    </message>
    <message>
        <source>What was scored asks for the grades of %1 other items.</source>
        <translation>根据已有评分，另有 %1 项有建议评分。</translation>
    </message>
    <message>
        <source>as last time</source>
        <translation>与上次相同</translation>
    </message>
    <message>
        <source>suggested by a rule of the scale</source>
        <translation>量表规则建议</translation>
    </message>
</context>
<context>
    <name>Scorer</name>
    <message>
        <source>Last time: %1 (%2)</source>
        <translation>上次：%1（%2）</translation>
    </message>
    <message>
        <source>%1 so far %2 (%3 of %4)</source>
        <translation>%1 目前 %2 分（已评 %3/%4 项）</translation>
    </message>
    <message>
        <source>Last time: %1</source>
        <translation>上次：%1</translation>
    </message>
    <message>
        <source>%1 since %2 (then %3)</source>
        <translation>较%2（%3 分）%1</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>End</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>missing: %1</source>
        <translation>缺 %1 项</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>已填写</translation>
    </message>
    <message>
        <source>total and what is missing</source>
        <translation>总分与缺项</translation>
    </message>
    <message>
        <source>not scored</source>
        <translation>未评分</translation>
    </message>
    <message>
        <source>suggested %1</source>
        <translation>建议评 %1</translation>
    </message>
</context>
<context>
    <name>ScorerHead</name>
    <message>
        <source>Show as a list</source>
        <translation>以列表显示</translation>
    </message>
    <message>
        <source>List</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>Show the form as a list</source>
        <translation>以列表形式显示表单</translation>
    </message>
</context>
<context>
    <name>ScorerLine</name>
    <message>
        <source>The item before</source>
        <translation>上一项</translation>
    </message>
    <message>
        <source>The item before (Left or Backspace)</source>
        <translation>上一项（左方向键或退格键）</translation>
    </message>
    <message>
        <source>The next item</source>
        <translation>下一项</translation>
    </message>
    <message>
        <source>The next item (Right)</source>
        <translation>下一项（右方向键）</translation>
    </message>
</context>
<context>
    <name>ScorerPage</name>
    <message>
        <source>Look at it</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>%1 is no grade of this item.</source>
        <translation>%1 不是此项的分级。</translation>
    </message>
</context>
<context>
    <name>ScreeningPage</name>
    <message>
        <source>Screening log</source>
        <translation>筛选登记表</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Screened</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Consent</source>
        <translation>知情同意</translation>
    </message>
    <message>
        <source>Randomised</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>状态日期</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Subjects: %1</source>
        <translation>受试者：%1 名</translation>
    </message>
    <message>
        <source>&amp;Pages to print</source>
        <translation>打印页面(&amp;P)</translation>
    </message>
    <message>
        <source>Show the pages of the log, to print or save them</source>
        <translation>显示登记表页面，以便打印或保存</translation>
    </message>
    <message>
        <source>Everyone who was screened; Enter opens the casebook</source>
        <translation>全部筛选受试者；按 Enter 打开病例册</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>Add a row</source>
        <translation>添加一行</translation>
    </message>
    <message>
        <source>Add a row: %1</source>
        <translation>添加一行：%1</translation>
    </message>
    <message>
        <source>Paste results</source>
        <translation>粘贴结果</translation>
    </message>
    <message>
        <source>Paste results: %1</source>
        <translation>粘贴结果：%1</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>signs in here</source>
        <translation>可在本机登录</translation>
    </message>
    <message>
        <source>not on this laptop</source>
        <translation>不在本机</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>My passphrase</source>
        <translation>我的密码</translation>
    </message>
    <message>
        <source>Present passphrase</source>
        <translation>当前密码</translation>
    </message>
    <message>
        <source>New passphrase</source>
        <translation>新密码</translation>
    </message>
    <message>
        <source>Four or five unrelated words are strong and easy to type.</source>
        <translation>四五个互不相关的词，既安全又容易输入。</translation>
    </message>
    <message>
        <source>New passphrase again</source>
        <translation>再次输入新密码</translation>
    </message>
    <message>
        <source>Change passphrase</source>
        <translation>修改密码</translation>
    </message>
    <message>
        <source>Recovery sheet</source>
        <translation>恢复单</translation>
    </message>
    <message>
        <source>Make a new recovery sheet</source>
        <translation>生成新的恢复单</translation>
    </message>
    <message>
        <source>&amp;People, delegation, roles…</source>
        <translation>人员、授权、角色(&amp;P)…</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>入门步骤</translation>
    </message>
    <message>
        <source>A few minutes with a practice subject, in a study of its own: nothing counts. F6 from anywhere.</source>
        <translation>用练习受试者操作几分钟，数据单独存放，均不计入研究。任何页面均可按 F6。</translation>
    </message>
    <message>
        <source>Sho&amp;w the first steps</source>
        <translation>显示入门步骤(&amp;W)</translation>
    </message>
    <message>
        <source>It opens this laptop&apos;s records when a passphrase is forgotten. A new sheet ends the old one once it was tested.</source>
        <translation>忘记密码时，用它打开本机的记录。新的恢复单经验证后，旧的即失效。</translation>
    </message>
    <message>
        <source>Audit trail</source>
        <translation>稽查轨迹</translation>
    </message>
    <message>
        <source>Every change and act at this site, as a sentence: who, when, what, why. Ctrl+Shift+H from anywhere.</source>
        <translation>本中心的每次修改和操作：何人、何时、何事、为何。随时可按 Ctrl+Shift+H。</translation>
    </message>
    <message>
        <source>Audit &amp;trail of the site…</source>
        <translation>本中心稽查轨迹(&amp;T)…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>This site&apos;s record as CDISC ODM and as tables, without identity data. Ctrl+Shift+E from anywhere.</source>
        <translation>将本中心的记录导出为 CDISC ODM 和表格，不含身份信息。在任何页面均可按 Ctrl+Shift+E。</translation>
    </message>
    <message>
        <source>&amp;Export data…</source>
        <translation>导出数据(&amp;E)…</translation>
    </message>
    <message>
        <source>Retire this laptop</source>
        <translation>停用本机</translation>
    </message>
    <message>
        <source>Removes the keys and all records from this laptop when it leaves the study. Nothing goes that is only here: it is sent first, or put into an encrypted rescue copy.</source>
        <translation>本机退出研究时删除其密钥和全部记录。仅在本机的内容不会丢失：先行发送，或存入加密的救援副本。</translation>
    </message>
    <message>
        <source>Ret&amp;ire this laptop…</source>
        <translation>停用本机(&amp;I)…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Casebook %1, Qt %2</source>
        <translation>Casebook %1，Qt %2</translation>
    </message>
    <message>
        <source>Study: %1</source>
        <translation>研究：%1</translation>
    </message>
    <message>
        <source>Protocol %1, definition %2 (%3)</source>
        <translation>方案 %1，研究定义 %2（%3）</translation>
    </message>
    <message>
        <source>Site %1 %2, laptop %3</source>
        <translation>中心 %1 %2，电脑 %3</translation>
    </message>
    <message>
        <source>The new sheet counts from now on. The old one opens nothing any more: destroy it.</source>
        <translation>新的恢复单现已生效，旧的已失效，请销毁。</translation>
    </message>
    <message>
        <source>Saved as %1. Print it and delete it.</source>
        <translation>已保存为 %1。请打印后删除该文件。</translation>
    </message>
    <message>
        <source>Deriving keys. This takes about two seconds by design.</source>
        <translation>正在由密码生成密钥，为安全起见约需两秒。</translation>
    </message>
    <message>
        <source>Your passphrase is changed. Use the new one from now on.</source>
        <translation>密码已修改。今后请使用新密码。</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>The two passphrases differ. Type the second one again.</source>
        <translation>两次输入的密码不一致。请重新输入第二次。</translation>
    </message>
</context>
<context>
    <name>SignCard</name>
    <message>
        <source>I entered this, or had it entered, and it is right (authorship)</source>
        <translation>由我录入或在我授权下录入，内容无误（录入）</translation>
    </message>
    <message>
        <source>I have reviewed this (review)</source>
        <translation>我已审阅（审阅）</translation>
    </message>
    <message>
        <source>I approve this (approval)</source>
        <translation>我批准（批准）</translation>
    </message>
    <message>
        <source>I explained the study and obtained this consent (consent)</source>
        <translation>我已说明研究并取得本次同意（知情同意）</translation>
    </message>
    <message>
        <source>Meaning of the signature</source>
        <translation>签名含义</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>Sign</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>%1 signs.</source>
        <translation>由 %1 签名。</translation>
    </message>
    <message>
        <source>Signing…</source>
        <translation>正在签名…</translation>
    </message>
</context>
<context>
    <name>SigningPage</name>
    <message>
        <source>Sign</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>All subjects</source>
        <translation>全部受试者</translation>
    </message>
    <message>
        <source>All visits</source>
        <translation>全部访视</translation>
    </message>
    <message>
        <source>Nothing awaits your signature here.</source>
        <translation>这里没有待您签名的内容。</translation>
    </message>
    <message>
        <source>Read each form through: PageDown goes on, and at its end ticks it. Then sign what is ticked.</source>
        <translation>请通读每份表单：按 PageDown 继续，到末尾即勾选。然后签署已勾选的表单。</translation>
    </message>
    <message>
        <source>Go there</source>
        <translation>转到该处</translation>
    </message>
    <message>
        <source>Entered on two laptops unseen by each other: look through once. %1</source>
        <translation>在两台电脑上分别录入且互不知情，请通读一遍。%1</translation>
    </message>
    <message>
        <source>Subject of the forms that are shown</source>
        <translation>所显示表单的受试者</translation>
    </message>
    <message>
        <source>Visit of the forms that are shown</source>
        <translation>所显示表单的访视</translation>
    </message>
    <message>
        <source>&amp;Tick</source>
        <translation>勾选(&amp;T)</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>空格键</translation>
    </message>
    <message>
        <source>Tick all that &amp;was read</source>
        <translation>勾选全部已阅(&amp;W)</translation>
    </message>
    <message>
        <source>Tick all forms that were read through</source>
        <translation>勾选全部已通读的表单</translation>
    </message>
    <message>
        <source>Meaning of the signature</source>
        <translation>签名含义</translation>
    </message>
    <message>
        <source>Your user id</source>
        <translation>您的用户名</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>Forms that await your signature; Enter reads, Space ticks</source>
        <translation>待您签名的表单；按 Enter 阅读，按空格键勾选</translation>
    </message>
    <message>
        <source>Read the form through first: PageDown.</source>
        <translation>请先通读表单：按 PageDown。</translation>
    </message>
    <message>
        <source>Signing…</source>
        <translation>正在签名…</translation>
    </message>
    <message>
        <source>Sign %1</source>
        <translation>签署 %1 份</translation>
    </message>
    <message>
        <source>Sign the forms that are ticked: %1</source>
        <translation>签署已勾选的表单：%1 份</translation>
    </message>
    <message>
        <source>Signed: %1.</source>
        <translation>已签署：%1 份。</translation>
    </message>
</context>
<context>
    <name>SitePage</name>
    <message>
        <source>Site file</source>
        <translation>中心档案</translation>
    </message>
    <message>
        <source>The whole site</source>
        <translation>整个中心</translation>
    </message>
    <message>
        <source>This study keeps no forms about the site.</source>
        <translation>本研究没有关于中心的表单。</translation>
    </message>
    <message>
        <source>Kept once for the whole site. Checks of all subjects look here; Enter opens a form.</source>
        <translation>全中心共用一份。所有受试者的核查均引用此处；按 Enter 打开表单。</translation>
    </message>
    <message>
        <source>Study &amp;versions</source>
        <translation>研究版本(&amp;V)</translation>
    </message>
    <message>
        <source>Study versions: what is in force, what waits, what it changes</source>
        <translation>研究版本：现行版本、待启用版本及其变化</translation>
    </message>
    <message>
        <source>Forms of the site</source>
        <translation>中心的表单</translation>
    </message>
</context>
<context>
    <name>SiteProgress</name>
    <message>
        <source>Reading casebooks: %1 of %2. Not everything stands here yet; you can go on working.</source>
        <translation>正在读取病例册：%1 / %2。此处内容尚不完整，您可以继续工作。</translation>
    </message>
    <message>
        <source>Reading casebooks. Not everything stands here yet; you can go on working.</source>
        <translation>正在读取病例册。此处内容尚不完整，您可以继续工作。</translation>
    </message>
</context>
<context>
    <name>Spans</name>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 天 %2 小时</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 天</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 小时</translation>
    </message>
    <message>
        <source>ends in %1</source>
        <translation>还剩 %1</translation>
    </message>
    <message>
        <source>overdue by %1</source>
        <translation>已超时 %1</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>自 %1 起</translation>
    </message>
    <message>
        <source>opens in %1</source>
        <translation>%1 后开始</translation>
    </message>
    <message>
        <source>open for %1</source>
        <translation>已过 %1</translation>
    </message>
</context>
<context>
    <name>Spoken</name>
    <message>
        <source>%1, %2 of %3</source>
        <translation>%1，第 %2 项，共 %3 项</translation>
    </message>
</context>
<context>
    <name>StandingActions</name>
    <message>
        <source>Audit trail…</source>
        <translation>稽查轨迹…</translation>
    </message>
    <message>
        <source>Take a value out of the record…</source>
        <translation>从记录中移除内容…</translation>
    </message>
    <message>
        <source>Ac&amp;tions</source>
        <translation>操作(&amp;T)</translation>
    </message>
    <message>
        <source>Raise a query, freeze, lock, unlock</source>
        <translation>提出质疑、冻结、锁定、解锁</translation>
    </message>
</context>
<context>
    <name>StartCard</name>
    <message>
        <source>Offered, and taken only by this button:</source>
        <translation>建议填写，仅在按下此按钮后采用：</translation>
    </message>
    <message>
        <source>Take this and go on (Enter)</source>
        <translation>采用并继续（Enter）</translation>
    </message>
    <message>
        <source>Take this and begin (Enter)</source>
        <translation>采用并开始评分（Enter）</translation>
    </message>
    <message>
        <source>Everything that follows is kept item by item.</source>
        <translation>以下内容逐项保存。</translation>
    </message>
    <message>
        <source>Go on (Enter)</source>
        <translation>继续（Enter）</translation>
    </message>
    <message>
        <source>Begin (Enter)</source>
        <translation>开始评分（Enter）</translation>
    </message>
    <message>
        <source>Offered: %1. Take it</source>
        <translation>建议：%1。采用</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
</context>
<context>
    <name>States</name>
    <message>
        <source>Optional</source>
        <translation>选填</translation>
    </message>
    <message>
        <source>If applicable</source>
        <translation>如适用</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>未填</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Sealed away</source>
        <translation>已封存</translation>
    </message>
    <message>
        <source>Not applicable</source>
        <translation>不适用</translation>
    </message>
    <message>
        <source>Entering</source>
        <translation>录入中</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>This laptop only</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>已接收</translation>
    </message>
    <message>
        <source>In a bundle</source>
        <translation>在数据包中</translation>
    </message>
    <message>
        <source>In a backup</source>
        <translation>已备份</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>In bundle %1</source>
        <translation>在数据包 %1 中</translation>
    </message>
    <message>
        <source>In a backup, %1</source>
        <translation>已备份，%1</translation>
    </message>
    <message>
        <source>Received %1</source>
        <translation>%1 已接收</translation>
    </message>
    <message>
        <source>in window</source>
        <translation>时间窗内</translation>
    </message>
    <message>
        <source>early</source>
        <translation>提前</translation>
    </message>
    <message>
        <source>late</source>
        <translation>延后</translation>
    </message>
    <message>
        <source>missed</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>not applicable (died)</source>
        <translation>不适用（死亡）</translation>
    </message>
    <message>
        <source>not applicable (withdrew)</source>
        <translation>不适用（退出）</translation>
    </message>
    <message>
        <source>not applicable (discharged)</source>
        <translation>不适用（已出院）</translation>
    </message>
    <message>
        <source>Eligibility</source>
        <translation>入选资格</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
</context>
<context>
    <name>StopButton</name>
    <message>
        <source>You are here</source>
        <translation>当前位置</translation>
    </message>
</context>
<context>
    <name>SubjectTable</name>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Forms complete</source>
        <translation>表单完成情况</translation>
    </message>
    <message>
        <source>Needs attention</source>
        <translation>需处理</translation>
    </message>
    <message>
        <source>Where it is</source>
        <translation>记录位置</translation>
    </message>
    <message>
        <source>Last change</source>
        <translation>最近修改</translation>
    </message>
    <message>
        <source>None started</source>
        <translation>均未开始</translation>
    </message>
    <message>
        <source>%1 of %2 started</source>
        <translation>已完成 %1，已开始 %2</translation>
    </message>
    <message>
        <source>Conflicts: %1</source>
        <translation>冲突：%1</translation>
    </message>
    <message>
        <source>Queries: %1</source>
        <translation>质疑：%1</translation>
    </message>
    <message>
        <source>Findings: %1</source>
        <translation>核查提示：%1</translation>
    </message>
</context>
<context>
    <name>SubjectsPage</name>
    <message>
        <source>Subjects</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>Two subjects have the number %1.</source>
        <translation>两名受试者使用了同一编号 %1。</translation>
    </message>
    <message>
        <source>%1 and %2 are one person, and both are randomised.</source>
        <translation>%1 与 %2 为同一人，且均已随机。</translation>
    </message>
    <message>
        <source>%1 and %2 look like the same person.</source>
        <translation>%1 与 %2 可能为同一人。</translation>
    </message>
    <message>
        <source>What was said of %1 and %2 contradicts itself.</source>
        <translation>关于 %1 与 %2 的说明互相矛盾。</translation>
    </message>
    <message>
        <source>What was proposed of %1 and %2 waits for data management.</source>
        <translation>对 %1 与 %2 提出的事项正待数据管理部门确认。</translation>
    </message>
    <message>
        <source>More pairs: %1.</source>
        <translation>另有 %1 对。</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并列比较</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>查找(&amp;F)</translation>
    </message>
    <message>
        <source>Find a subject by number or status</source>
        <translation>按编号或状态查找受试者</translation>
    </message>
    <message>
        <source>Number or status</source>
        <translation>编号或状态</translation>
    </message>
    <message>
        <source>Sho&amp;w</source>
        <translation>显示(&amp;W)</translation>
    </message>
    <message>
        <source>Which subjects are shown</source>
        <translation>显示哪些受试者</translation>
    </message>
    <message>
        <source>All subjects</source>
        <translation>全部受试者</translation>
    </message>
    <message>
        <source>Forms to finish</source>
        <translation>有未完成表单</translation>
    </message>
    <message>
        <source>With conflicts</source>
        <translation>有冲突</translation>
    </message>
    <message>
        <source>With queries</source>
        <translation>有质疑</translation>
    </message>
    <message>
        <source>This laptop only</source>
        <translation>仅在本机</translation>
    </message>
    <message>
        <source>Status of the subjects that are shown</source>
        <translation>所显示受试者的状态</translation>
    </message>
    <message>
        <source>Any status</source>
        <translation>全部状态</translation>
    </message>
    <message>
        <source>Screening &amp;log</source>
        <translation>筛选登记表(&amp;L)</translation>
    </message>
    <message>
        <source>Show the screening log of the site</source>
        <translation>显示本中心的筛选登记表</translation>
    </message>
    <message>
        <source>Add &amp;subject</source>
        <translation>添加受试者(&amp;S)</translation>
    </message>
    <message>
        <source>Blinded: only what does not tell the treatment is here. Subjects are added by colleagues.</source>
        <translation>盲态：此处仅显示不会泄露分组的内容。受试者由同事添加。</translation>
    </message>
    <message>
        <source>Subjects of the site</source>
        <translation>本中心受试者</translation>
    </message>
    <message>
        <source>%1 of %2 subjects. Enter opens, Ctrl+N adds.</source>
        <translation>共 %2 名受试者，显示 %1 名。按 Enter 打开，按 Ctrl+N 添加。</translation>
    </message>
    <message>
        <source>%1 of %2 subjects. Enter opens.</source>
        <translation>共 %2 名受试者，显示 %1 名。按 Enter 打开。</translation>
    </message>
    <message>
        <source>No subject fits. Change what you look for.</source>
        <translation>没有符合条件的受试者。请修改查找条件。</translation>
    </message>
    <message>
        <source>No subject yet.</source>
        <translation>尚无受试者。</translation>
    </message>
    <message>
        <source>No subject yet. Add the first one: it needs no network.</source>
        <translation>尚无受试者。请添加第一名：无需联网。</translation>
    </message>
    <message>
        <source>Subject %1 added and kept on this laptop.</source>
        <translation>已添加受试者 %1，并存于本机。</translation>
    </message>
</context>
<context>
    <name>SyncFront</name>
    <message>
        <source>&amp;Sync now</source>
        <translation>立即同步(&amp;S)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop the exchange; what has arrived stays</source>
        <translation>停止同步；已送达的数据保留</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Resume: let exchanges begin by themselves again</source>
        <translation>继续：恢复自动同步</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pause: let no exchange begin by itself</source>
        <translation>暂停：不再自动同步</translation>
    </message>
    <message>
        <source>For one hour</source>
        <translation>一小时</translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation>到明天早上</translation>
    </message>
    <message>
        <source>Until somebody resumes it</source>
        <translation>直到有人恢复</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Exchange with the server under way</source>
        <translation>正在与服务器同步</translation>
    </message>
    <message>
        <source>Practice has no server outside: exchanges end on this laptop, and nothing leaves it.</source>
        <translation>练习没有外部服务器：同步只在本机进行，任何内容都不会离开本机。</translation>
    </message>
    <message>
        <source>Last exchange: %1.</source>
        <translation>最近一次同步：%1。</translation>
    </message>
    <message>
        <source>No contact with %1 yet.</source>
        <translation>尚未与 %1 联系过。</translation>
    </message>
    <message>
        <source>Last contact with %1: %2.</source>
        <translation>最近一次与 %1 联系：%2。</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Paused until %1.</source>
        <translation>暂停至 %1。</translation>
    </message>
    <message>
        <source>Paused until somebody resumes it.</source>
        <translation>暂停，直到有人恢复。</translation>
    </message>
    <message>
        <source>Next exchange %1.</source>
        <translation>下次同步：%1。</translation>
    </message>
</context>
<context>
    <name>SyncPage</name>
    <message>
        <source>Sync</source>
        <translation>同步</translation>
    </message>
    <message>
        <source>&amp;Where everything is, form by form…</source>
        <translation>逐表单查看记录所在位置(&amp;W)…</translation>
    </message>
    <message>
        <source>&amp;To a stick…</source>
        <translation>写入 U 盘(&amp;T)…</translation>
    </message>
    <message>
        <source>&amp;From a stick…</source>
        <translation>从 U 盘读取(&amp;F)…</translation>
    </message>
    <message>
        <source>Laptops of this site</source>
        <translation>本中心的电脑</translation>
    </message>
    <message>
        <source>Names, contact details and signatures can be read only on admitted laptops. Admit a laptop after its owner has read its fingerprint to you, in person or by telephone.</source>
        <translation>姓名、联系方式和签名只能在已批准的电脑上读取。请在其使用者当面或电话向您念出指纹后再批准。</translation>
    </message>
    <message>
        <source>A laptop is &amp;lost…</source>
        <translation>电脑丢失(&amp;L)…</translation>
    </message>
    <message>
        <source>Help, and what to do when a laptop is lost</source>
        <translation>帮助，以及电脑丢失时怎么办</translation>
    </message>
    <message>
        <source>Forms with entries not yet sealed: %1. They are kept here and seal when the form is left.</source>
        <translation>尚有未封存录入的表单：%1 份。录入已存于本机，离开表单时自动封存。</translation>
    </message>
    <message>
        <source>Records that wait for earlier ones: %1. The next sync brings them.</source>
        <translation>在此等待前序记录的记录：%1 条。下次同步时补齐。</translation>
    </message>
    <message>
        <source>Records that only a newer version of Casebook can show: %1. They are kept and passed on. Update Casebook on this laptop.</source>
        <translation>需更新版本才能显示的记录：%1 条。这些记录均已保留并会继续传送。请更新本机的 Casebook。</translation>
    </message>
    <message>
        <source>This laptop is not admitted yet: identity data stays sealed away here.</source>
        <translation>本机尚未获批准：身份信息在此保持封存。</translation>
    </message>
    <message>
        <source>Records that did not verify and are set aside: %1. Tell your data manager.</source>
        <translation>未通过校验而另行保存的记录：%1 条。请告知数据管理员。</translation>
    </message>
    <message>
        <source>The server was restored from a backup. Your laptop is sending again what it lacks; nothing is lost, and there is nothing for you to do.</source>
        <translation>服务器已从备份恢复。本机正在重新发送服务器缺少的记录；没有数据丢失，您无需任何操作。</translation>
    </message>
    <message>
        <source>Records whose author the study has not confirmed yet: %1. They are kept and offered again; ask the data manager to confirm the person.</source>
        <translation>作者尚未经研究确认的记录：%1 条。记录均已保留并会再次提交；请联系数据管理员确认该人员。</translation>
    </message>
</context>
<context>
    <name>SyncState</name>
    <message>
        <source>No server to exchange with</source>
        <translation>没有可同步的服务器</translation>
    </message>
    <message>
        <source>Reaching the server…</source>
        <translation>正在连接服务器…</translation>
    </message>
    <message>
        <source>First exchange under way</source>
        <translation>正在进行首次同步</translation>
    </message>
    <message>
        <source>Exchanging with the server</source>
        <translation>正在与服务器同步</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>This laptop is withdrawn</source>
        <translation>本机已被撤销</translation>
    </message>
    <message>
        <source>Not the study&apos;s server</source>
        <translation>不是本研究的服务器</translation>
    </message>
    <message>
        <source>Check this laptop&apos;s date</source>
        <translation>请检查本机日期</translation>
    </message>
    <message>
        <source>Casebook is to be updated</source>
        <translation>需要更新程序</translation>
    </message>
    <message>
        <source>The exchange was refused</source>
        <translation>同步被拒绝</translation>
    </message>
    <message>
        <source>Sync is paused</source>
        <translation>同步已暂停</translation>
    </message>
    <message>
        <source>No network connection</source>
        <translation>没有网络连接</translation>
    </message>
    <message>
        <source>Server not reached</source>
        <translation>无法连接服务器</translation>
    </message>
    <message>
        <source>The server is busy</source>
        <translation>服务器正忙</translation>
    </message>
    <message>
        <source>The connection stood still</source>
        <translation>连接停滞</translation>
    </message>
    <message>
        <source>Exchange stopped</source>
        <translation>同步已停止</translation>
    </message>
    <message>
        <source>The exchange did not finish</source>
        <translation>同步未完成</translation>
    </message>
    <message>
        <source>Not yet in step</source>
        <translation>尚未一致</translation>
    </message>
    <message>
        <source>Not synced yet</source>
        <translation>尚未同步</translation>
    </message>
    <message>
        <source>Records wait here to be sent</source>
        <translation>有记录等待发送</translation>
    </message>
    <message>
        <source>In step with the server</source>
        <translation>已与服务器一致</translation>
    </message>
    <message>
        <source>Everything has been received</source>
        <translation>服务器已全部接收</translation>
    </message>
    <message>
        <source>Nothing to send</source>
        <translation>没有待发送的记录</translation>
    </message>
    <message>
        <source>Records on this laptop only: %1. They are safe here, and go to the server by themselves.</source>
        <translation>仅在本机的记录：%1 条。它们在本机是安全的，会自动发送至服务器。</translation>
    </message>
    <message>
        <source>%1 sent, %2 received; some records are still to come. Nothing is lost: sync again.</source>
        <translation>发送 %1 条，接收 %2 条；仍有记录待传送。没有数据丢失：请再次同步。</translation>
    </message>
    <message>
        <source>In step with the server: %1 sent, %2 received. Check: %3.</source>
        <translation>已与服务器一致：发送 %1 条，接收 %2 条。核对码：%3。</translation>
    </message>
    <message>
        <source>This laptop was started without a server. Everything is kept here.</source>
        <translation>本机启动时未连接服务器，所有内容保存在本机。</translation>
    </message>
    <message>
        <source>You can go on working.</source>
        <translation>您可以继续工作。</translation>
    </message>
    <message>
        <source>The first exchange brings everything that your site has recorded, and may take long. You can go on working; if it is cut it goes on where it was.</source>
        <translation>首次同步会传送本中心的全部记录，可能需要较长时间。您可以继续工作；如中断，下次从中断处继续。</translation>
    </message>
    <message>
        <source>What has arrived stays. The next exchange goes on from there.</source>
        <translation>已送达的数据保留，下次同步从此处继续。</translation>
    </message>
    <message>
        <source>It exchanges nothing any more. Keep the laptop and call the data manager.</source>
        <translation>本机不再同步任何数据。请妥善保管本机并联系数据管理员。</translation>
    </message>
    <message>
        <source>Nothing goes to the server by itself. What you enter is safe on this laptop.</source>
        <translation>不会自动发送至服务器。您录入的内容安全保存在本机。</translation>
    </message>
    <message>
        <source>This laptop has not met the study&apos;s server yet. What you enter is safe here until it does.</source>
        <translation>本机尚未连接过研究服务器。在此之前，您录入的内容安全保存在本机。</translation>
    </message>
    <message>
        <source>The server has confirmed every record made on this laptop.</source>
        <translation>服务器已确认收到本机的全部记录。</translation>
    </message>
    <message>
        <source>Nothing has been recorded yet. What you enter goes to the server by itself.</source>
        <translation>尚无记录。您录入的内容会自动发送至服务器。</translation>
    </message>
</context>
<context>
    <name>TimeEditor</name>
    <message>
        <source>1430, or date and time</source>
        <translation>1430，或日期和时间</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>%1: take the present time</source>
        <translation>%1：取当前时间</translation>
    </message>
    <message>
        <source>year-month-day</source>
        <translation>年-月-日</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>%1: take today&apos;s date</source>
        <translation>%1：取今天日期</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>What</source>
        <translation>事项</translation>
    </message>
    <message>
        <source>What it says</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>TimelinePanel</name>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Fold the timeline</source>
        <translation>收起时间线</translation>
    </message>
    <message>
        <source>Open the timeline</source>
        <translation>展开时间线</translation>
    </message>
    <message>
        <source>As a table</source>
        <translation>以表格显示</translation>
    </message>
    <message>
        <source>Timeline as a table</source>
        <translation>以表格显示时间线</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the table</source>
        <translation>复制表格</translation>
    </message>
    <message>
        <source>Timeline; Enter opens what a line is about</source>
        <translation>时间线；按 Enter 打开该行对应的内容</translation>
    </message>
    <message>
        <source>Timeline: left and right go from mark to mark, Enter opens</source>
        <translation>时间线：左右方向键在标记间移动，Enter 键打开</translation>
    </message>
</context>
<context>
    <name>Today</name>
    <message>
        <source>Urgency</source>
        <translation>紧急程度</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>受试者</translation>
    </message>
    <message>
        <source>What</source>
        <translation>事项</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>已超时</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>立即</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>To do</source>
        <translation>待办</translation>
    </message>
    <message>
        <source>Answer to be judged</source>
        <translation>答复待审核</translation>
    </message>
    <message>
        <source>Query to be answered</source>
        <translation>质疑待答复</translation>
    </message>
    <message>
        <source>Forms to be signed: %1</source>
        <translation>待签名表单：%1</translation>
    </message>
    <message>
        <source>Entries disagree</source>
        <translation>录入不一致</translation>
    </message>
    <message>
        <source>Records that are on this laptop only: %1</source>
        <translation>仅保存在本机的记录：%1</translation>
    </message>
    <message>
        <source>Eligible only from then on</source>
        <translation>此后方可入组</translation>
    </message>
    <message>
        <source>Eligibility has run out</source>
        <translation>入组时限已过</translation>
    </message>
    <message>
        <source>Eligibility runs out</source>
        <translation>入组时限将到</translation>
    </message>
    <message>
        <source>Clocks</source>
        <translation>时限</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>访视</translation>
    </message>
    <message>
        <source>Forms</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Queries</source>
        <translation>质疑</translation>
    </message>
    <message>
        <source>Signatures</source>
        <translation>签名</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>Unsent</source>
        <translation>未上传</translation>
    </message>
    <message>
        <source>Overdue: %1</source>
        <translation>已超时：%1</translation>
    </message>
    <message>
        <source>Within two hours: %1</source>
        <translation>两小时内：%1</translation>
    </message>
    <message>
        <source>Today: %1</source>
        <translation>今日：%1</translation>
    </message>
</context>
<context>
    <name>TodayPage</name>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Nothing is waiting for you.</source>
        <translation>目前没有需要您处理的事项。</translation>
    </message>
    <message>
        <source>There is no subject yet. The first one is added under Subjects.</source>
        <translation>尚无受试者。请在“受试者”中添加第一位。</translation>
    </message>
    <message>
        <source>What becomes due shows here by itself: clocks, visits, forms, queries, signatures.</source>
        <translation>到期的事项会自动显示在此处：时限、访视、表单、质疑、签名。</translation>
    </message>
    <message>
        <source>Go to Subjects</source>
        <translation>前往受试者列表</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>显示内容</translation>
    </message>
    <message>
        <source>What is to be done, the most urgent first; Enter leads there</source>
        <translation>待办事项，最紧急的在前；按 Enter 打开</translation>
    </message>
</context>
<context>
    <name>Trail</name>
    <message>
        <source>query opened – %1</source>
        <translation>质疑已提出 – %1</translation>
    </message>
    <message>
        <source>confirmed true – %1</source>
        <translation>已确认属实 – %1</translation>
    </message>
    <message>
        <source>conflict settled: chosen among %1</source>
        <translation>冲突已解决：从以下录入中选定 – %1</translation>
    </message>
    <message>
        <source>query closed: the data no longer fire it – %1</source>
        <translation>质疑已关闭：数据不再触发 – %1</translation>
    </message>
    <message>
        <source>asked then: “%1”</source>
        <translation>当时的问题：“%1”</translation>
    </message>
</context>
<context>
    <name>TrainingBand</name>
    <message>
        <source>Start over…</source>
        <translation>重新开始…</translation>
    </message>
    <message>
        <source>Start training over: asks first</source>
        <translation>重新开始培训：会先询问</translation>
    </message>
    <message>
        <source>Leave training</source>
        <translation>退出培训</translation>
    </message>
    <message>
        <source>Delete practice data</source>
        <translation>删除练习数据</translation>
    </message>
    <message>
        <source>Keep them</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Delete all of it?</source>
        <translation>全部删除？</translation>
    </message>
    <message>
        <source>Practice data only: nothing counts, nothing leaves this laptop. Passphrase: %1</source>
        <translation>仅为练习数据：不计入研究，也不会离开本机。密码：%1</translation>
    </message>
    <message>
        <source>Passphrase: %1</source>
        <translation>密码：%1</translation>
    </message>
    <message>
        <source>Delete all that was practised here? Real data are not touched.</source>
        <translation>删除在此练习的全部内容？真实数据不受影响。</translation>
    </message>
</context>
<context>
    <name>TwiceEditor</name>
    <message>
        <source>%1, once more</source>
        <translation>%1（再次录入）</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>重新录入</translation>
    </message>
    <message>
        <source>%1: start again</source>
        <translation>%1：重新录入</translation>
    </message>
    <message>
        <source>Entered once. Enter it a second time; it is kept when both agree.</source>
        <translation>已录入一次。请再录入一次，两次一致后保存。</translation>
    </message>
    <message>
        <source>The two entries differ, so nothing was kept. Enter it twice again.</source>
        <translation>两次录入不一致，未保存。请重新录入两次。</translation>
    </message>
    <message>
        <source>To be entered twice, the second time without seeing the first.</source>
        <translation>需录入两次，第二次录入时不显示第一次的内容。</translation>
    </message>
</context>
<context>
    <name>UnblindPage</name>
    <message>
        <source>Unblinding of %1</source>
        <translation>%1 揭盲</translation>
    </message>
    <message>
        <source>Nobody else who may unblind signs in on this laptop: let a second person in first.</source>
        <translation>本机没有其他有揭盲权限的人员：请先为第二个人授权登录。</translation>
    </message>
    <message>
        <source>Record here that somebody who should be blinded was told the treatment, or must be. Two people do it together. Nobody&apos;s login shows more afterwards; the record says who knows, since when and why, and a protocol deviation is begun.</source>
        <translation>如有应保持盲态的人员已被告知或必须被告知治疗分组，请在此记录。须由两个人共同完成。任何人的登录权限都不会因此改变；记录会写明何人、何时、因何知晓，并新建一份方案偏离。</translation>
    </message>
    <message>
        <source>&amp;Who was told</source>
        <translation>被告知人员(&amp;W)</translation>
    </message>
    <message>
        <source>Who was told</source>
        <translation>被告知人员</translation>
    </message>
    <message>
        <source>Somebody who does not sign in to the study</source>
        <translation>不登录本研究系统的人员</translation>
    </message>
    <message>
        <source>&amp;Why</source>
        <translation>原因(&amp;W)</translation>
    </message>
    <message>
        <source>For example the medical reason, or how it came to be known.</source>
        <translation>例如医学原因，或如何得知。</translation>
    </message>
    <message>
        <source>Your passphrase</source>
        <translation>您的密码</translation>
    </message>
    <message>
        <source>The &amp;second person</source>
        <translation>第二个人(&amp;S)</translation>
    </message>
    <message>
        <source>The second person</source>
        <translation>第二个人</translation>
    </message>
    <message>
        <source>Their passphrase</source>
        <translation>其密码</translation>
    </message>
    <message>
        <source>They type it themselves.</source>
        <translation>由本人输入。</translation>
    </message>
    <message>
        <source>Record the unblinding</source>
        <translation>记录揭盲</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>The unblinding is recorded.</source>
        <translation>揭盲已记录。</translation>
    </message>
</context>
<context>
    <name>UnlockPage</name>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Casebook</source>
        <translation>Casebook 病例册</translation>
    </message>
    <message>
        <source>&amp;Who are you?</source>
        <translation>您是哪位？(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Passphrase</source>
        <translation>密码(&amp;P)</translation>
    </message>
    <message>
        <source>Deriving the key. This takes about a second by design.</source>
        <translation>正在由密码生成密钥，为安全起见约需一秒。</translation>
    </message>
    <message>
        <source>&amp;Forgotten your passphrase?</source>
        <translation>忘记密码？(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Who are you? The first letters find a name.</source>
        <translation>您是哪位？输入姓名开头几个字可查找(&amp;W)</translation>
    </message>
    <message>
        <source>Site %1, laptop %2.</source>
        <translation>中心 %1，电脑 %2。</translation>
    </message>
    <message>
        <source>The records on this laptop are encrypted.</source>
        <translation>本机记录均已加密。</translation>
    </message>
    <message>
        <source>Choose whom to practise as. The first time, this takes some seconds.</source>
        <translation>请选择以何种角色练习。首次进入需要几秒钟。</translation>
    </message>
    <message>
        <source>Demonstration accounts (name: passphrase)</source>
        <translation>演示账户（姓名：密码）</translation>
    </message>
    <message>
        <source>This laptop was withdrawn from the study. What was recorded here and sent is safe. Sign in only to send what is left; it locks again by itself. Ask your data manager.</source>
        <translation>本机已从研究中撤销。已录入并发送的内容是安全的。登录仅用于发送剩余内容，之后会自动锁定。请联系数据管理员。</translation>
    </message>
    <message>
        <source>Entered here and not yet with the server: %1. They stay here, sealed, and go with a sync.</source>
        <translation>在本机录入、服务器尚未接收的记录：%1 条。它们已封存在本机，同步时发送。</translation>
    </message>
    <message>
        <source>Type your passphrase.</source>
        <translation>请输入密码。</translation>
    </message>
    <message>
        <source>You can try again now.</source>
        <translation>现在可以重试。</translation>
    </message>
    <message>
        <source>Typed wrongly several times. Next try in %1 minutes.</source>
        <translation>已多次输错。%1 分钟后可再试。</translation>
    </message>
    <message>
        <source>Typed wrongly several times. Next try in %1 s.</source>
        <translation>已多次输错。%1 秒后可再试。</translation>
    </message>
</context>
<context>
    <name>ValueLine</name>
    <message>
        <source>On the report, from and to:</source>
        <translation>报告单上的下限和上限：</translation>
    </message>
    <message>
        <source>Clinically significant?</source>
        <translation>有临床意义？</translation>
    </message>
    <message>
        <source>unit as used last</source>
        <translation>上次使用的单位</translation>
    </message>
    <message>
        <source>Rounded for the eye; kept as it was entered.</source>
        <translation>显示时已四舍五入；按录入值保存。</translation>
    </message>
    <message>
        <source>reference %1 (%2)</source>
        <translation>参考范围 %1（%2）</translation>
    </message>
    <message>
        <source>before: %1 (%2)</source>
        <translation>上次：%1（%2）</translation>
    </message>
    <message>
        <source>These limits make no range: look at which is the lower one.</source>
        <translation>上下限不构成范围：请核对哪个是下限。</translation>
    </message>
</context>
<context>
    <name>VersionsPage</name>
    <message>
        <source>Study versions</source>
        <translation>研究版本</translation>
    </message>
    <message>
        <source>This version is the only one.</source>
        <translation>仅有此一个版本。</translation>
    </message>
    <message>
        <source>Version %2 waits. Below: what it changes against version %1, which is in force.</source>
        <translation>%2 版尚未启用。以下为其相对于现行 %1 版的变化。</translation>
    </message>
    <message>
        <source>Version %2 is in force. Below: what it changed against version %1.</source>
        <translation>%2 版为现行版本。以下为其相对于 %1 版的变化。</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>已录入</translation>
    </message>
    <message>
        <source>Values kept</source>
        <translation>保留的值</translation>
    </message>
    <message>
        <source>Items added</source>
        <translation>新增项目</translation>
    </message>
    <message>
        <source>Values no longer asked</source>
        <translation>不再询问的值</translation>
    </message>
    <message>
        <source>Changes of the study, in words</source>
        <translation>研究变化说明</translation>
    </message>
    <message>
        <source>in force, approved %1</source>
        <translation>现行版本，批准日期 %1</translation>
    </message>
    <message>
        <source>in force</source>
        <translation>现行版本</translation>
    </message>
    <message>
        <source>approved from %1 on</source>
        <translation>自 %1 起获批启用</translation>
    </message>
    <message>
        <source>dormant: no approval is recorded</source>
        <translation>未启用：尚无伦理批准记录</translation>
    </message>
    <message>
        <source>earlier, approved %1</source>
        <translation>先前版本，批准日期 %1</translation>
    </message>
    <message>
        <source>earlier</source>
        <translation>先前版本</translation>
    </message>
    <message>
        <source>%1 reworded</source>
        <translation>其中 %1 项措辞已改</translation>
    </message>
    <message>
        <source>&amp;Pages to print</source>
        <translation>打印页面(&amp;P)</translation>
    </message>
    <message>
        <source>Show the changes as pages, to print or save them</source>
        <translation>以页面显示变化，可打印或保存</translation>
    </message>
    <message>
        <source>What the version changes, form by form</source>
        <translation>该版本对各表单的变化</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
</context>
<context>
    <name>WordsPanel</name>
    <message>
        <source>In words, if there is more to say</source>
        <translation>如有补充，请说明</translation>
    </message>
    <message>
        <source>In words</source>
        <translation>请用文字说明</translation>
    </message>
    <message>
        <source>Cancel (Esc)</source>
        <translation>取消（Esc）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>Workplace</name>
    <message>
        <source>Open a subject first: its pages can be signed and printed then.</source>
        <translation>请先打开一名受试者，之后即可签署和打印其文件。</translation>
    </message>
</context>
</TS>
